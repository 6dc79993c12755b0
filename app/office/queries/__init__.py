"""Reading what staff look at; each within the scope that it is given."""
