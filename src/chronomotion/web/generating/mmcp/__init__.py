"""MMCP, the Motion Model Context Protocol: an animation program asks for motion and gets glTF. Extra ``mmcp``.

The SDK of the protocol checks requests and encodes answers (``motionmcp-sdk``). ``backbone`` is the generator as the
SDK wants it, ``canonical`` the skeleton that it gives motion for, and ``mounting`` puts both into the service.
"""
