"""Bundles: several services that belong together, with an order between them; begun, booked step by step, followed."""
