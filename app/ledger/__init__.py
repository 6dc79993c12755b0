"""An enterprise's instruments: what they are, when each is due and why, and the way to the next verification."""
