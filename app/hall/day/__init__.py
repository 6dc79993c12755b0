"""The manager's day of a counter: how it goes, what tomorrow brings, closing, stopping, contingents, the forecast."""
