"""Moving and cancelling by staff: the same pages as the applicant's; only who may, and who the timeline says it was."""

from fastapi import Depends

from app.accounts.callers import allowed
from app.accounts.rules.rights import Permission
from app.kit.doors import Door
from app.requests.pages import cancel, move
from app.requests.visiting import OFFICE, FollowRoute
from app.web.limits import limited

router = Door(route_class=FollowRoute)
CHANGE = Depends(allowed(Permission.REQUESTS_CHANGE))
ONE = f"{OFFICE}/{{reference}}"

for path, page, method in (
    (move.PAGE, move.times, "GET"),
    (move.CHECK, move.check, "GET"),
    (move.CHECK, move.move, "POST"),
    (cancel.PAGE, cancel.ask_again, "GET"),
    (cancel.PAGE, cancel.cancel, "POST"),
):
    router.add_api_route(f"{ONE}/{path}", page, methods=[method], dependencies=[CHANGE])
router.add_api_route(
    f"{ONE}/{move.PAGE}", move.choose, methods=["POST"], dependencies=[CHANGE, Depends(limited("hold"))]
)
