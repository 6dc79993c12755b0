"""The day at the counter: tickets, who is called next and where, what the waiting room sees, how long it will take."""
