"""When somebody is told that it is soon their turn. Pure."""

SOON = 2
"""When so many are called before, one is told to stay near."""
