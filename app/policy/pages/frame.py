"""What the pages of the settings share: who looks, the network, their frame in the office, places to choose from."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import CurrentCaller, allowed
from app.accounts.rules.rights import Permission
from app.catalogue.snapshot import CurrentCatalogue
from app.kit import clock
from app.kit.clock import local_date
from app.kit.i18n import LazyString, lazy, tr
from app.kit.i18n import gettext as _
from app.policy.booking import Rule
from app.policy.errors import SettingMoved
from app.policy.forms import PlaceForm
from app.policy.queries import Entry, newest
from app.policy.reach import may_change
from app.policy.rules import Level, Place, Setting, place_of
from app.policy.service import change
from app.policy.words import place_words, reason_words, setting_words, value_words
from app.stations.directory import CurrentDirectory
from app.stations.snapshot import StationFacts
from app.web.templating import page

PATH = "/office/settings"
SEE_OTHER, MOVED, FORM_AGAIN = 303, 409, 422
NOT_TO_KEEP = {"Cache-Control": "no-store"}
FEW_STATIONS = 200
READ, CHANGE = (Depends(allowed(each)) for each in (Permission.SETTINGS_READ, Permission.SETTINGS_CHANGE))
PARTS: tuple[tuple[LazyString, str], ...] = (
    (lazy("Deadlines"), PATH),
    (lazy("Rules of booking"), f"{PATH}/booking"),
    (lazy("Working calendar"), f"{PATH}/calendar"),
    (lazy("Texts of letters"), f"{PATH}/texts"),
    (lazy("History"), f"{PATH}/history"),
)
DONE: Mapping[str, LazyString] = {
    "set": lazy("The setting is saved and in force."),
    "removed": lazy("It is taken away. What is more general counts now."),
    "text_removed": lazy("The text is taken away."),
    "announced": lazy("The year is announced and in force."),
    "withdrawn": lazy("The year counts as not announced again."),
    "day_set": lazy("The day is changed and in force."),
    "day_removed": lazy("The day is again what its weekday says."),
    "restored": lazy("The earlier value is in force again."),
}


class Looking:
    """Who looks at settings, when, and what the network is."""

    def __init__(
        self,
        request: Request,
        caller: CurrentCaller,
        directory: CurrentDirectory,
        catalogue: CurrentCatalogue,
        now: Annotated[datetime, Depends(clock.now)],
    ) -> None:
        self.request = request
        self.caller = caller
        self.directory = directory
        self.network = directory.network
        self.catalogue = catalogue
        self.now = now

    @property
    def today(self) -> date:
        return local_date(self.now)

    def may_change(self, place: Place) -> bool:
        return may_change(self.caller, place, self.network)

    def default(self, rule: Rule) -> int:
        """What the installation says in its environment about a rule of booking."""
        return int(getattr(self.request.app.state.settings.booking, rule))

    def station(self, code: str) -> StationFacts | None:
        index = self.network.station_index.get(code.strip().upper())
        return None if index is None else self.network.stations[index]

    def show(self, name: str, context: Mapping[str, Any], *, part: str, status_code: int = 200) -> HTMLResponse:
        """A page in the office's frame, whose sections the application has from above."""
        sections = [
            (path, str(label))
            for path, label, permission in self.request.app.state.office_sections
            if permission is None or self.caller.may(permission)
        ]
        done = DONE.get(self.request.query_params.get("done", ""))
        frame = {
            "sections": sections,
            "section": PATH,
            "parts_of_settings": [(str(label), path) for label, path in PARTS],
            "part": part,
            "done": str(done) if done else "",
        }
        full = frame | dict(context)
        return page(self.request, f"policy/{name}", full, status_code=status_code, headers=NOT_TO_KEEP)

    def line(self, entry: Entry) -> Mapping[str, Any]:
        """A change in words."""
        return {
            "entry": entry,
            "place": place_words(entry.place, self.directory),
            "setting": setting_words(entry.setting, self.catalogue),
            "before": value_words(entry.setting, entry.before) if entry.previous_id is not None else "",
            "value": value_words(entry.setting, entry.value),
            "reason": reason_words(entry.setting, entry.reason, entry.changed_by),
        }

    def choices(self) -> Mapping[str, Any]:
        """The places for which the caller may set something: the network and counties, and stations by county."""
        network = Place(Level.NETWORK)
        divisions = self.directory.atlas.divisions
        counties = [(Place(Level.COUNTY, each.adcode), tr(each, "name")) for each in divisions]
        wide = [(network, _("The whole network")), *counties]
        mine = [each for each in self.network.stations if self.may_change(Place(Level.STATION, str(each.id)))]
        groups = [
            (tr(each, "name"), [(s.code, tr(s, "name")) for s in mine if s.county_adcode == each.adcode])
            for each in divisions
        ]
        return {
            "places": [(place.scope, words) for place, words in wide if self.may_change(place)],
            "station_groups": None if len(mine) > FEW_STATIONS else [group for group in groups if group[1]],
        }

    def place(self, form: PlaceForm) -> tuple[Place | None, Mapping[str, str]]:
        """The place that was chosen and that the caller may change, or what is wrong about it."""
        if form.station:
            station = self.station(form.station)
            place = None if station is None else Place(Level.STATION, str(station.id))
            if place is None or not self.may_change(place):
                return None, {"station": _("There is no station of yours with this code.")}
            return place, {}
        if form.place in {scope for scope, _words in self.choices()["places"]}:
            return place_of(form.place), {}
        return None, {"station" if not self.choices()["places"] else "place": _("Choose for whom this holds.")}


async def first_value(
    session: AsyncSession, desk: Looking, setting: Setting, value: Mapping[str, Any], reason: str
) -> int | None:
    """Give a setting its first value: None, or the id of the change by which it has one already."""
    before = await newest(session, setting)
    if before is None or before.value is None:
        last = before.id if before else None
        try:
            await change(session, desk.caller, desk.network, setting, value, last=last, reason=reason, now=desk.now)
        except SettingMoved:
            before = await newest(session, setting)
        else:
            return None
    return before.id if before else None


def see(path: str, done: str = "") -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(f"{path}?{urlencode({'done': done})}" if done else path, SEE_OTHER, NOT_TO_KEEP)
