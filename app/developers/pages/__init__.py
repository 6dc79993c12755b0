"""The client for Python, and the booking button."""

from app.developers.pages.button import router as button
from app.developers.pages.python import router as python
from app.kit.doors import Door

router = Door()
for part in (button, python):
    router.include_router(part)
