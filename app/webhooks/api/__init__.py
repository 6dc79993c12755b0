"""Webhooks for programs, by a person's token: an organisation's, or those of administrators. Ended is for good."""

from app.kit.doors import Door
from app.webhooks.api.managing import router as managing
from app.webhooks.api.sending import router as sending

router = Door(tags=["webhooks"])
for part in (managing, sending):
    router.include_router(part)
