"""What everybody may see of a counter: the display of the waiting room, and the phone of whoever holds a ticket."""
