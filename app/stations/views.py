"""What the pages show, put together for their templates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from app.catalogue.labels import mode_label
from app.catalogue.snapshot import CategoryInfo
from app.kit.clock import local_date
from app.kit.formats import date_time, weekday_date
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr
from app.stations.atlas import DivisionFacts
from app.stations.directory import Directory, approximate
from app.stations.opening import Opening, SpecialDays, Timetable, first_provisional, special_days, timetables
from app.stations.queries import Found, Offer, Wanted, openings, select
from app.stations.rules import Kind
from app.stations.schemas import categories_of, wall_time
from app.stations.snapshot import DESIGNATED, MODES, ClosureFacts, DeskFacts, StationFacts
from app.stations.words import INDUSTRIES, LEVELS, MARKS, MODELS, holiday_name, in_words

LOOK_AHEAD_DAYS = 30
ONE_DAY = timedelta(days=1)
REFERENCE = "reference network"
Row = dict[str, str]


# --- The list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """A station in the list. `services` counts what it offers today; the rest is about the service asked for."""

    station: StationFacts
    opening: Opening
    labels: list[str]
    approximate: bool
    services: int
    modes: list[str]
    designated: bool


def in_order(directory: Directory, choice: Wanted, on: date) -> list[Found]:
    """As they are found by words; else by county in the operator's order, then by code."""
    found = select(directory, choice, on)
    if choice.q:
        return found
    places = {division.adcode: place for place, division in enumerate(directory.atlas.divisions)}
    return sorted(found, key=lambda each: (places.get(each.station.county_adcode, len(places)), each.station.code))


def listed(directory: Directory, choice: Wanted, found: Sequence[Found], now: datetime) -> list[Entry]:
    stations = [each.station for each in found]
    network = directory.network
    counts = directory.offered_by(stations, local_date(now))
    entries = []
    for station, opening, services in zip(stations, openings(network, stations, now), counts, strict=True):
        offer = int(network.offers[choice.service.index, station.index]) if choice.service else 0
        entries.append(
            Entry(
                station=station,
                opening=opening,
                labels=labels(station),
                approximate=approximate(station.coord_class),
                services=services,
                modes=[mode_label(mode) for mode, bit in MODES.items() if offer & bit],
                designated=bool(offer & DESIGNATED),
            )
        )
    return entries


def labels(station: StationFacts) -> list[str]:
    """Level, model and the industry that it knows best, in words."""
    found = [in_words(LEVELS, station.level), in_words(MODELS, station.model)]
    return found + ([in_words(INDUSTRIES, station.key_industry)] if station.key_industry else [])


def groups(
    directory: Directory, choice: Wanted, entries: Iterable[Entry]
) -> list[tuple[DivisionFacts | None, list[Entry]]]:
    """By county, unless words have put them into another order."""
    if choice.q:
        return [(None, list(entries))]
    return [
        (directory.atlas.division_by_code.get(adcode), list(each))
        for adcode, each in groupby(entries, key=lambda entry: entry.station.county_adcode)
    ]


def points(stations: Iterable[StationFacts]) -> dict[str, Any]:
    """What the map of a page needs: the points with their names."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [station.lon, station.lat]},
            "properties": {
                "code": station.code,
                "name_zh": station.name_zh,
                "name_en": station.name_en,
                "coord_class": station.coord_class,
            },
        }
        for station in stations
    ]
    return {"type": "FeatureCollection", "features": features}


# --- A station -------------------------------------------------------------------------------------------------------


def station_context(
    directory: Directory, categories: Mapping[str, CategoryInfo], station: StationFacts, now: datetime
) -> dict[str, Any]:
    """What and where a station is, and when it is open; but how it stands right now."""
    today = local_date(now)
    network = directory.network
    return {
        "station": station,
        "labels": labels(station),
        "approximate": approximate(station.coord_class),
        "is_reference": station.provenance.startswith(REFERENCE),
        "county": directory.county_of(station),
        "town": directory.town_of(station),
        "parent": None if station.parent is None else network.stations[station.parent],
        "points": points([station]),
        "today": today,
        "weeks": [week_rows(timetable, today) for timetable in timetables(station.hours, today)],
        "other_days": other_days(directory, station, now),
        "look_ahead_days": LOOK_AHEAD_DAYS,
        "provisional_from": first_provisional(network.calendar, today, LOOK_AHEAD_DAYS),
        "desks": [
            _desk_row(desk, [categories[code] for code in categories_of(network, desk.skills)])
            for desk in station.desks
            if desk.public and desk.active
        ],
    }


def _desk_row(desk: DeskFacts, categories: Iterable[CategoryInfo]) -> Row:
    served = pgettext("list", ", ").join(tr(category, "name") for category in categories)
    return {"key": tr(desk, "name"), "value": served}


def services_context(offers: Sequence[Offer], today: date) -> dict[str, Any]:
    """The services by category, those in force first; and what their marks mean."""
    sections = []
    for category, each in groupby(offers, key=lambda offer: offer.category):
        rows = [(offer, [mode_label(mode) for mode in offer.modes], offer.in_force(today)) for offer in each]
        sections.append((category, rows[0][0], sorted(rows, key=lambda row: not row[2])))
    found = {mark for offer in offers for mark in offer.marks}
    return {
        "sections": sections,
        "any_designated": any(offer.designated for offer in offers),
        "marks": [in_words(MARKS, mark) for mark in sorted(found)],
    }


def week_rows(timetable: Timetable, today: date) -> dict[str, Any]:
    """The week as rows from Monday on, each with a date of that weekday, for its name."""
    monday = today - timedelta(days=today.isoweekday() - 1)
    rows = [(monday + n * ONE_DAY, in_clock_times(windows)) for n, windows in enumerate(timetable.week)]
    coming = timetable.first if timetable.first is not None and timetable.first > today else None
    return {"first": coming, "last": timetable.last, "rows": rows, "open": any(windows for _day, windows in rows)}


def in_clock_times(windows: Iterable[tuple[int, int]]) -> list[str]:
    return [f"{wall_time(opens)}–{wall_time(closes)}" for opens, closes in windows]


def other_days(directory: Directory, station: StationFacts, now: datetime) -> list[Row]:
    """Holidays and make-up days of the next 30 days, and all closures to come, by their beginning."""
    today = local_date(now)
    special = special_days(station.hours, directory.network.calendar, today, LOOK_AHEAD_DAYS)
    coming = [closure for closure in station.closures if closure.ends > now]
    rows = [(days.first, _special(days)) for days in special]
    rows += [(local_date(closure.starts), _closure(station, closure)) for closure in coming]
    return [row for _first, row in sorted(rows, key=lambda each: each[0])]


def _special(days: SpecialDays) -> Row:
    name = holiday_name(days.kind)
    if days.kind.kind is Kind.MAKEUP:
        times = pgettext("list", ", ").join(in_clock_times(days.windows))
        open_ = _("Working day in place of a holiday, open {times}").format(times=times)
        what = open_ if times else _("Working day in place of a holiday, closed here")
    else:
        what = _("{name}, closed").format(name=name) if name else _("Public holiday, closed")
    return {"key": _span(weekday_date(days.first), weekday_date(days.last)), "value": what}


def _closure(station: StationFacts, closure: ClosureFacts) -> Row:
    desk = next((desk for desk in station.desks if desk.id == closure.desk_id), None)
    what = _("{desk} closed").format(desk=tr(desk, "name")) if desk else _("Station closed")
    reason = tr(closure, "reason")
    return {
        "key": _span(date_time(closure.starts), date_time(closure.ends)),
        "value": _("{what}: {reason}").format(what=what, reason=reason) if reason else what,
    }


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first} – {last}"
