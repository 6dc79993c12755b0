"""What is done at the counter: tickets issued, called and moved on; who sits where."""

from app.hall.service.bookings import Bookings
from app.hall.service.calling import Calls
from app.hall.service.counter import Counter
from app.hall.service.desks import Seats
from app.hall.service.issuing import Wish

__all__ = ["Bookings", "Calls", "Counter", "Seats", "Wish"]
