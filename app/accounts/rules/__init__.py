"""What is decided in this room without a database: the notice, and who may do what."""
