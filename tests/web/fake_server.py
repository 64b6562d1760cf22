"""A real server of fake libraries and a toy generator: ``python fake_server.py FOLDER... [--limits JSON] [--access
JSON]``. Its port is printed by the server itself, on standard error."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent)]


def main() -> None:
    from fake_library import FakeLibrary
    from toy_maker import ToyMaker

    from chronomotion.web.app import Access
    from chronomotion.web.collection import Collection
    from chronomotion.web.limits import Limits
    from chronomotion.web.server import bound_socket, run_server
    from chronomotion.web.service import Service

    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--limits", type=json.loads, default={})
    parser.add_argument("--access", type=json.loads, default={})
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    collection = Collection(options.folders, lambda folder, _: FakeLibrary(folder))
    service = Service(collection, Limits(**options.limits), 2, ToyMaker())
    bound = bound_socket("127.0.0.1", 0)
    run_server(service, Access(**options.access), bound, "toys")


if __name__ == "__main__":
    # As the command does it: signals, their lines and exit statuses.
    from chronomotion.cli import app

    app._handle_signals()
    try:
        main()
    except app._Terminated as end:
        sys.stderr.write(f"ended: {end}\n")
        sys.exit(end.status)
    except KeyboardInterrupt:
        sys.stderr.write("ended: interrupted\n")
        sys.exit(130)
