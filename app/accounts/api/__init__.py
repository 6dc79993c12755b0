"""The JSON doors of this room."""

from fastapi import APIRouter

from app.accounts.api.consent import router as consent
from app.accounts.api.keys import router as keys
from app.accounts.api.tokens import router as tokens

router = APIRouter()
router.include_router(consent)
router.include_router(tokens)
router.include_router(keys)
