"""Pages of a request for its owner: find it, look at it, move it, cancel it."""

from fastapi import APIRouter

from app.requests.pages.cancel import router as cancelling
from app.requests.pages.find import router as finding
from app.requests.pages.follow import router as following
from app.requests.pages.move import router as moving

router = APIRouter()
for part in (finding, following, moving, cancelling):
    router.include_router(part)
