"""The JSON doors of this room."""

from fastapi import APIRouter

from app.accounts.api.consent import router as consent

router = APIRouter()
router.include_router(consent)
