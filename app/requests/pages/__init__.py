"""Pages of requests: for an owner and for staff to find it, look at it, move it, cancel it."""

from fastapi import APIRouter

from app.requests.pages.cancel import router as cancelling
from app.requests.pages.correct import router as correcting
from app.requests.pages.find import router as finding
from app.requests.pages.follow import router as following
from app.requests.pages.live import router as telling
from app.requests.pages.move import router as moving
from app.requests.pages.office import router as office
from app.requests.pages.reroute import router as rerouting
from app.requests.pages.steps import router as stepping
from app.requests.pages.thread import router as talking

router = APIRouter()
PARTS = telling, finding, following, moving, cancelling, correcting, office, rerouting, stepping, talking
for part in PARTS:
    router.include_router(part)
