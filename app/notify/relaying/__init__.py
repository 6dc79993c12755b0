"""Sending by the library apprise, in a process of its own: `relay` is our side of it, `child` the other."""
