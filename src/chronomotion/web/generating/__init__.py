"""Motion made from text, over HTTP: ``chronomotion serve --generate G``.

``maker`` is what is asked of a generator, and ``generator_face`` a generator that answers it. ``generations`` makes
what clients ask for, on a thread of its own, and keeps it for a while; ``routes`` are its paths, ``messages`` what
travels. ``mmcp`` is the same for animation programs, in the protocol that they speak.
"""
