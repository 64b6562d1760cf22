"""The paths of the service, a module for each kind of thing; each gives a router for a :class:`Service`."""
