"""Requests for programs."""

from app.kit.doors import Door
from app.requests.api.many import router as many
from app.requests.api.one import router as one
from app.requests.api.rating import router as rating
from app.requests.api.steps import router as steps
from app.requests.api.thread import router as talking

router = Door(tags=["requests"])
router.include_router(one)
router.include_router(steps)
router.include_router(talking)
router.include_router(many)
router.include_router(rating)
