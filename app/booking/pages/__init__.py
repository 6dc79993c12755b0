"""One module a page; what they share is in `frame`."""
