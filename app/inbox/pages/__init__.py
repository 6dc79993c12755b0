"""The inbox of staff: the requests of their stations as a list, and one of them with what may be done."""

from fastapi import APIRouter

from app.inbox.pages.listing import router as listing
from app.inbox.pages.one import router as one

router = APIRouter()
for part in (listing, one):
    router.include_router(part)
