"""The pages of this room. Fixed addresses come before those with an organisation's id in their place."""

from app.enterprise.pages.close import router as close
from app.enterprise.pages.data import router as data
from app.enterprise.pages.join import router as join
from app.enterprise.pages.mine import router as mine
from app.enterprise.pages.new import router as new
from app.enterprise.pages.people import router as people
from app.enterprise.pages.requests import router as requests
from app.kit.doors import Door

router = Door()
for part in (new, mine, people, requests, join, data, close):
    router.include_router(part)
