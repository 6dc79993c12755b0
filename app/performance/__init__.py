"""What was done: figures by day, station and service, counted from what was recorded, and kept once a day is over."""
