"""Kiosks of a hall: somebody takes a ticket or checks in by touch, and goes on doing so while there is no network."""
