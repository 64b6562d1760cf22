"""Libraries served over HTTP: ``chronomotion serve``. What a request meets first stands first.

``server`` owns the socket and the end; ``app`` puts the layers together: ``access_log``, ``security`` (host, origin,
token, headers), ``limits`` (how much a request may send), then ``routes``. Searches run in ``pool``, uploads are read
by ``upload_reader`` in a process of its own, and ``collection`` is the libraries that are served.
"""
