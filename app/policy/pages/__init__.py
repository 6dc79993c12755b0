"""The pages of the settings, below the office."""

from app.kit.doors import Door
from app.policy.pages.booking import router as booking_pages
from app.policy.pages.calendar import router as calendar_pages
from app.policy.pages.deadlines import router as deadline_pages
from app.policy.pages.history import router as history_pages
from app.policy.pages.setting import router as setting_pages
from app.policy.pages.text import router as text_pages
from app.policy.pages.texts import router as texts_pages

router = Door()
for part in (
    deadline_pages,
    booking_pages,
    calendar_pages,
    texts_pages,
    text_pages,
    history_pages,
    setting_pages,
):
    router.include_router(part)
