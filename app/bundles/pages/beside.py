"""That a request belongs to a package, on its page: one line, for its owner and for staff."""

from markupsafe import Markup

from app.bundles.finding import may_open
from app.bundles.pages.frame import address
from app.bundles.queries import parts_of
from app.bundles.words import package_name
from app.requests.queries import RequestView
from app.requests.visiting import Visitor
from app.web.templating import part


async def part_of_package(visitor: Visitor, view: RequestView) -> Markup:
    """The line, with the way to the package for whoever may open that; empty for most requests."""
    found = await parts_of(visitor.session, view.request.id)
    if not found:
        return Markup()
    parts = []
    for each in found:
        whose = each.reference, each.organisation_id, each.person_id
        opens = not visitor.as_staff and may_open(visitor.request, visitor.caller, whose)
        parts.append((package_name(each.package), len(each.steps), address(each.reference) if opens else ""))
    return part(visitor.request, "bundles/beside.html", {"parts": parts})
