"""The JSON doors of this room."""

from app.accounts.api.consent import router as consent
from app.accounts.api.keys import router as keys
from app.accounts.api.tokens import router as tokens
from app.kit.doors import Door

router = Door()
router.include_router(consent)
router.include_router(tokens)
router.include_router(keys)
