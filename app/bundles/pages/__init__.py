"""Pages of packages: what there is, how one stands, its steps; and the line on the page of a request."""

from app.bundles.pages.follow import router as follow
from app.bundles.pages.public import router as public
from app.bundles.pages.steps import router as steps
from app.kit.doors import Door

router = Door()
for part in (public, follow, steps):
    router.include_router(part)
