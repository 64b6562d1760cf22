"""``python -m chronomotion``."""

from chronomotion.cli import main

if __name__ == "__main__":
    main()
