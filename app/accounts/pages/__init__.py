"""The pages of this room."""

from fastapi import APIRouter

from app.accounts.pages.privacy import router as privacy

router = APIRouter()
router.include_router(privacy)
