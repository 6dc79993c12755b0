"""Coverage on paper: the rows of `tables.py`, in the reader's language, as whoever reads paper needs them."""
