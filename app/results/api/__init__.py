"""Results and documents for programs."""

from app.kit.doors import Door
from app.results.api.checking import router as checking
from app.results.api.documents import router as documents
from app.results.api.steps import router as steps

router = Door(tags=["results"])
for part in (checking, steps, documents):
    router.include_router(part)
