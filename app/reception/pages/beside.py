"""What was handed in, on the page of its request: where it is, in which condition it came, and whether to fetch it."""

from markupsafe import Markup

from app.accounts.rules.rights import Permission
from app.reception.pages.frame import RECEPTION
from app.reception.queries import chains, things_of
from app.reception.rules import READY, Standing
from app.reception.words import CONDITIONS, HAPPENED, facts_of, standing_tag, what_it_is
from app.requests.queries import RequestView
from app.requests.rules import State, Way
from app.requests.section import may
from app.requests.visiting import Visitor
from app.web.templating import part


async def custody(visitor: Visitor, view: RequestView) -> Markup:
    """The section; empty where nothing is handed in, and for its owner before a first label was made."""
    handed_in = [item for item in view.items if item.way is Way.HANDED_IN]
    if not handed_in:
        return Markup()
    things = await things_of(visitor.session, view.request.id)
    if not things and not visitor.as_staff:
        return Markup()
    station, by_n = view.appointment.station, {item.n: item for item in view.items}
    context = {
        "things": things,
        "chains": await chains(visitor.session, [thing.id for thing in things]),
        "item_of": lambda thing: by_n[thing.n],
        "fetch": [
            thing for thing in things if thing.standing == Standing.HERE and State(by_n[thing.n].status) in READY
        ],
        "station_of": lambda station_id: visitor.network.station_by_id[station_id],
        "as_staff": visitor.as_staff,
        "may_handle": visitor.as_staff and may(visitor, view, Permission.REQUESTS_HANDLE),
        "reception_path": f"{RECEPTION}/{station.code}",
        "here_path": visitor.address(),
        "reference": view.request.reference,
        "standing_tag": standing_tag,
        "what_it_is": what_it_is,
        "facts_of": facts_of,
        "happened": {action.value: str(words) for action, words in HAPPENED.items()},
        "conditions": {condition.value: str(words) for condition, words in CONDITIONS.items()},
    }
    return part(visitor.request, "reception/custody.html", context)
