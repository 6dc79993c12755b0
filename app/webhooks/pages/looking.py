"""The list of webhooks, and one of them with what was sent."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import HTMLResponse

from app.accounts.models import Person
from app.kit.i18n import gettext as _
from app.web.forms import address
from app.webhooks.models import Subscription
from app.webhooks.pages.frame import Call, Looking, Route
from app.webhooks.queries import find, listed, sent
from app.webhooks.rules.kinds import PING, kind_words
from app.webhooks.rules.robots import WEBHOOK
from app.webhooks.words import LANGUAGES, STATES, TONES, VIAS, ended_words, fault_words


async def all_of_them(call: Looking) -> HTMLResponse:
    rows = [(row, call.of(row.subscription)) for row in await listed(call.session, call.reach)]
    words = {"states": STATES, "tones": TONES, "ended_words": ended_words, "vias": VIAS}
    return call.show("list.html", {"rows": rows, **words})


async def one(
    call: Looking,
    webhook: UUID,
    state: Annotated[str, Query(max_length=10)] = "",
    before: Annotated[int | None, Query(ge=0, le=2**62)] = None,
) -> HTMLResponse:
    found = await find(call.session, call.reach, webhook)
    return await one_page(call, found, state if state in STATES else "", before)


async def one_page(
    call: Call, found: Subscription, state: str = "", before: int | None = None, wrong: str = ""
) -> HTMLResponse:
    """`wrong` is what is wrong with the day since which all shall be sent again."""
    here, query = f"{call.base}/{found.id}", {"state": state}
    rows, more = await sent(call.session, found.id, state, before)
    person = await call.session.get(Person, found.person_id)
    context = {
        "webhook": found,
        "of": call.of(found),
        "person": person.name if person else "",
        "kinds": [kind_words(kind) for kind in found.types],
        "two_secrets": found.old_until is not None and found.old_until > call.now,
        "rows": rows,
        "kind_words": kind_words,
        "fault_words": fault_words,
        "ping": PING,
        "states": STATES,
        "tones": TONES,
        "ended_words": ended_words,
        "via": str(VIAS[found.via]),
        "robot": found.via != WEBHOOK,
        "language": dict(LANGUAGES).get(found.language or "", ""),
        "chips": [(_("All"), f"{here}#sent"), *((str(words), _chip(here, key)) for key, words in STATES.items())],
        "chip": _chip(here, state) if state else f"{here}#sent",
        "here": here,
        "first": address(here, query) if before is not None else "",
        "following": address(here, query, before=rows[-1].event.n) if more else "",
        "errors": {"since": wrong} if wrong else {},
    }
    return call.show("one.html", context, again=bool(wrong))


def _chip(here: str, state: str) -> str:
    return f"{here}?state={state}#sent"


LOOKING: tuple[Route, ...] = (("GET", "", all_of_them), ("GET", "/{webhook:uuid}", one))
