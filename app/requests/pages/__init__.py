"""Pages of requests: for an owner and for staff to find it, look at it, move it, cancel it."""

from fastapi import APIRouter

from app.requests.pages.cancel import router as cancelling
from app.requests.pages.find import router as finding
from app.requests.pages.follow import router as following
from app.requests.pages.live import router as telling
from app.requests.pages.move import router as moving
from app.requests.pages.office import router as office

router = APIRouter()
for part in (telling, finding, following, moving, cancelling, office):
    router.include_router(part)
