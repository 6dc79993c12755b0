"""Pages of requests: for an owner to find and follow it; for an owner and for staff to move it on, cancel it, talk."""

from app.kit.doors import Door
from app.requests.pages.by_staff import router as by_staff
from app.requests.pages.cancel import router as cancelling
from app.requests.pages.correct import router as correcting
from app.requests.pages.find import router as finding
from app.requests.pages.follow import router as following
from app.requests.pages.live import router as telling
from app.requests.pages.move import router as moving
from app.requests.pages.rating import router as rating
from app.requests.pages.reroute import router as rerouting
from app.requests.pages.steps import router as stepping
from app.requests.pages.thread import router as talking

router = Door()
PARTS = telling, finding, following, moving, cancelling, correcting, by_staff, rerouting, stepping, talking, rating
for part in PARTS:
    router.include_router(part)
