"""One own text: a paragraph for the network or a station, in both languages, seen in the whole letter.

How letters are made is known above this room; the application hands in what makes an example of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.letterhead import Head
from app.catalogue.snapshot import Catalogue
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.i18n import LANGUAGE_NAMES, tr, use_locale
from app.kit.i18n import gettext as _
from app.notify.letters import Letter, Letterhead
from app.policy.errors import SettingMoved, SettingUnknown
from app.policy.forms import SENTENCES, TextForm
from app.policy.letters import LETTERS, OWN_TEXT_LENGTH, LetterKind
from app.policy.pages.frame import CHANGE, FORM_AGAIN, MOVED, READ, Looking, see
from app.policy.pages.text_places import At, Where, where_of
from app.policy.pages.texts import BOTH, TEXTS
from app.policy.queries import history_of, newest
from app.policy.rules import NETWORK, Kind, Setting
from app.policy.service import change
from app.policy.snapshot import CurrentPolicy, Policy
from app.policy.words import place_words
from app.stations.snapshot import Network, StationFacts
from app.web.forms import judged, typed

router = Door(route_class=RetryingRoute)
ONE = f"{TEXTS}/{{kind}}"
Desk = Annotated[Looking, Depends()]


class Sample(Protocol):
    """An example of a letter with an own text in it, in the current language (`app.state.letter_sample`)."""

    def __call__(
        self,
        kind: LetterKind,
        own: str,
        *,
        station: StationFacts,
        network: Network,
        catalogue: Catalogue,
        now: datetime,
    ) -> Letter: ...


@dataclass(frozen=True, slots=True)
class OneText:
    """One text: who looks, whose it is, and the letter that it stands in."""

    desk: Looking
    where: Where
    kind: LetterKind
    policy: Policy
    head: Letterhead

    @property
    def setting(self) -> Setting:
        return Setting(self.where.place, Kind.TEXT, self.kind)

    @property
    def path(self) -> str:
        return f"{TEXTS}/{self.kind}?station={self.where.code}"

    def preview(self, texts: Mapping[str, str]) -> list[Mapping[str, str]]:
        """The whole letter in each language."""
        general = self.policy.settings.get((NETWORK, Kind.TEXT, self.kind), {})
        sample: Sample = self.desk.request.app.state.letter_sample
        written: list[Mapping[str, str]] = []
        for tag, _name in BOTH:
            with use_locale(tag):
                own = tr(texts, "text") or (tr(general, "text") if general else "")
                found = sample(
                    self.kind,
                    own,
                    station=self.where.station,
                    network=self.desk.network,
                    catalogue=self.desk.catalogue,
                    now=self.desk.now,
                )
                written.append({"tag": tag, "subject": found.subject, "text": found.text(self.head)})
        return written


async def one_text(
    desk: Desk, kind: LetterKind, at: Annotated[At, Query()], policy: CurrentPolicy, head: Head
) -> OneText:
    """Raises SettingUnknown for a place that isn't the caller's to see."""
    where = where_of(desk, at)
    if where is None:
        raise SettingUnknown
    return OneText(desk, where, kind, policy, head)


One = Annotated[OneText, Depends(one_text)]


@router.get(ONE, dependencies=[READ])
async def text_page(one: One, session: Reading) -> HTMLResponse:
    return await _shown(one, session, None, {})


@router.post(ONE, dependencies=[CHANGE])
async def set_text(request: Request, one: One, session: Writing) -> Response:
    """Look at what was typed in the whole letter, or save it; without any text the place has none of its own."""
    given = typed(await request.form())
    preview = given.get("do") == "preview"
    form, errors = judged(TextForm, {"reason": "-"} | given if preview else given, SENTENCES)
    if preview or form is None:
        return await _shown(one, session, given, errors)
    texts = {"text_zh": form.text_zh, "text_en": form.text_en}
    value = texts if any(texts.values()) else None
    before = await newest(session, one.setting)
    if value == (before.value if before else None):
        return await _shown(one, session, given, {"text_zh": _("That is the text already.")})
    desk = one.desk
    try:
        await change(
            session, desk.caller, desk.network, one.setting, value, last=form.last, reason=form.reason, now=desk.now
        )
    except SettingMoved as problem:
        return await _shown(one, session, given, {"": problem.sentence()}, status_code=MOVED)
    return see(one.path + "&done=" + ("set" if value else "text_removed"))


async def _shown(
    one: OneText,
    session: AsyncSession,
    given: Mapping[str, str] | None,
    errors: Mapping[str, str],
    *,
    status_code: int = FORM_AGAIN,
) -> HTMLResponse:
    history = await history_of(session, one.setting)
    current = history[0] if history else None
    texts = given if given is not None else (current.value if current else None) or {}
    shown = {name: str(texts.get(name, "")) for _tag, name in BOTH}
    context = {
        "name": str(LETTERS[one.kind]),
        "for_whom": place_words(one.where.place, one.desk.directory),
        "list_path": f"{TEXTS}?station={one.where.code}",
        "path": one.path,
        "texts": [(tag, name, LANGUAGE_NAMES[tag], shown[name]) for tag, name in BOTH],
        "reason": (given or {}).get("reason", ""),
        "last": current.id if current else "",
        "longest": OWN_TEXT_LENGTH,
        "letters": one.preview(shown),
        "history": [one.desk.line(each) for each in history],
        "changeable": one.desk.may_change(one.where.place),
        "typed": given is not None,
        "errors": errors,
    }
    return one.desk.show("text.html", context, part=TEXTS, status_code=status_code if errors else 200)
