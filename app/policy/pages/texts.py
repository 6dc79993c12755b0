"""Own texts of letters: which kinds there are, and what a place says in each of its own."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import HTMLResponse

from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.policy.errors import SettingUnknown
from app.policy.letters import LETTERS, LetterKind
from app.policy.pages.frame import FORM_AGAIN, PATH, READ, Looking
from app.policy.pages.text_places import At, Where, by_county, first_place, stations_seen, where_of
from app.policy.rules import NETWORK, Kind, Level
from app.policy.snapshot import CurrentPolicy, Policy
from app.policy.words import place_words

router = Door()
TEXTS = f"{PATH}/texts"
BOTH = (("zh-CN", "text_zh"), ("en", "text_en"))
Desk = Annotated[Looking, Depends()]


@router.get(TEXTS, dependencies=[READ])
async def texts_page(desk: Desk, policy: CurrentPolicy, at: Annotated[At, Query()]) -> HTMLResponse:
    """Every kind of letter with the own text of a place; for a station also what it has from the network."""
    stations = stations_seen(desk)
    where, errors = where_of(desk, first_place(desk, stations) if at.station is None else at), {}
    if where is None:
        where = where_of(desk, At())
        errors = {"station": _("There is no station of yours with this code.")}
    if where is None:
        raise SettingUnknown
    context = {
        "rows": [_row(policy, where, kind) for kind in LetterKind],
        "where": where,
        "for_whom": place_words(where.place, desk.directory),
        "asked": at.station if errors else where.code,
        "errors": errors,
        "station_groups": None if stations is None else by_county(desk, stations),
    }
    return desk.show("texts.html", context, part=TEXTS, status_code=FORM_AGAIN if errors else 200)


def _row(policy: Policy, where: Where, kind: LetterKind) -> Mapping[str, Any]:
    own = policy.settings.get((where.place.scope, Kind.TEXT, kind), {})
    general = policy.settings.get((NETWORK, Kind.TEXT, kind), {}) if where.place.level is Level.STATION else {}
    shown = own or general
    return {
        "kind": kind.value,
        "name": str(LETTERS[kind]),
        "texts": [(tag, shown.get(name, "")) for tag, name in BOTH],
        "own": bool(own),
        "general": bool(general) and not own,
    }
