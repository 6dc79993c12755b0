"""What is done with instruments. Whoever writes has the organisation's row for himself, so two never cross."""
