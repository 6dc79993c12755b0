"""The pages of a station's manager for the day of the counter."""

from app.hall.day.pages.contingents import router as contingents
from app.hall.day.pages.look import router as look
from app.hall.day.pages.opening import router as opening
from app.hall.day.pages.tomorrow import router as tomorrow
from app.kit.doors import Door

router = Door()
for part in (look, opening, contingents, tomorrow):
    router.include_router(part)
