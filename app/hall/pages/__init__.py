"""The counter for staff: its board with everything that is done there by hand or by key."""

from app.hall.pages.arrivals import router as arrivals
from app.hall.pages.board import router as board
from app.hall.pages.desk import router as desk
from app.hall.pages.tickets import router as tickets
from app.kit.doors import Door

router = Door()
for part in (board, desk, arrivals, tickets):
    router.include_router(part)
