"""Coverage by mail: a question that somebody keeps, and its figures every week or month."""
