"""The way of one booking through the browser: the home page and the five pages of the wizard. Owns no table."""
