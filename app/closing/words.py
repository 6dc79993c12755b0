"""The words of closing: reasons that applicants read, what somebody is offered, what was done."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.closing.rules.choosing import Offer
from app.kit.clock import LOCAL
from app.kit.formats import date_time, time_range, weekday_date
from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _


class Reason(StrEnum):
    """Why a station's time changes, by the words that applicants read; OTHER by own words."""

    STAFF = "staff"
    TRAINING = "training"
    POWER = "power"
    WORKS = "works"
    EQUIPMENT = "equipment"
    WEATHER = "weather"
    HOURS = "hours"
    OTHER = "other"


REASONS: Mapping[Reason, LazyString] = {
    Reason.STAFF: lazy("Staff are absent."),
    Reason.TRAINING: lazy("Staff are in training."),
    Reason.POWER: lazy("There is a power or network cut."),
    Reason.WORKS: lazy("Works are carried out in the building."),
    Reason.EQUIPMENT: lazy("Equipment is out of order or being verified."),
    Reason.WEATHER: lazy("The station closes because of the weather."),
    Reason.HOURS: lazy("The opening hours change."),
    Reason.OTHER: lazy("Another reason, in own words"),
}
CHOSEN: Mapping[Offer, LazyString] = {
    Offer.DESK: lazy("Same time, at desk {desk}: nothing changes for them"),
    Offer.TIME: lazy("{start}, here"),
    Offer.STATION: lazy("{start}, at {station}, {km} km farther"),
    Offer.ASK: lazy("They choose a new time themselves"),
}
DONE: Mapping[str, LazyString] = {
    "changed": lazy("It is saved, and in force at once. Everybody concerned is told by mail."),
    "unchanged_people": lazy("It is saved, and in force at once. Nobody was booked at that time."),
    "taken_back": lazy("The closure is taken back. Who was moved for it stays where they are."),
    "used_again": lazy("The desk is in use again."),
}


def span_words(starts: datetime, ends: datetime) -> str:
    """From when to when, aware times; whole days without the clock."""
    first, last = starts.astimezone(LOCAL), ends.astimezone(LOCAL)
    if first.time() == last.time() == time():
        days = weekday_date(first), weekday_date(last - timedelta(days=1))
        return _("{day}, all day").format(day=days[0]) if days[0] == days[1] else " – ".join(days)
    if first.date() == last.date():
        return time_range(first, last)
    return f"{date_time(first)} – {date_time(last)}"
