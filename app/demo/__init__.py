"""A demo: people to sign in as, and a past, so that every page has something to show. Never in production."""
