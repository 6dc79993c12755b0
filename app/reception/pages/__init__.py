"""The pages of reception: a station's lists, a thing and its steps, labels; and what the owner sees of it."""

from app.kit.doors import Door
from app.reception.pages import desk, labels, photos, thing

router = Door()
for page in (desk, labels, thing, photos):
    router.include_router(page.router)
