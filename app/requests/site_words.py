"""A visit on site in words: when somebody is there, and how long staff are on the way."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from app.kit.formats import clock_time, distance, duration, weekday_date
from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _
from app.requests.sites import Part, Way

LEAST_ROUGH_KM = 1.0
PARTS: Mapping[Part, LazyString] = {
    Part.ANY: lazy("At any time of the day"),
    Part.MORNING: lazy("Only in the morning"),
    Part.AFTERNOON: lazy("Only in the afternoon"),
}


def window_words(first: date, last: date, part: Part) -> str:
    """On which days, and in which part of them, somebody is there."""
    words = weekday_date(first)
    if last != first:
        words = _("{first} to {last}").format(first=words, last=weekday_date(last))
    if part is Part.ANY:
        return words
    return _("{days}, {part}").format(days=words, part=_in_short(part))


def _in_short(part: Part) -> str:
    return _("in the morning") if part is Part.MORNING else _("in the afternoon")


def way_words(travel: timedelta, way: Way | None) -> str:
    """What is kept free around a visit, and what that is estimated from."""
    time = duration(travel)
    if way is None:
        return _("{time} there and {time} back are kept free around it; how far it is, isn't known.").format(time=time)
    sentence = (
        _("{time} there and {time} back are kept free around it, estimated from the distance of {distance}.")
        if way.exact
        else _("{time} there and {time} back are kept free around it, estimated from what is known of the place.")
    )
    return sentence.format(time=time, distance=distance(way.km))


def way_from_station(way: Way) -> str:
    """For staff: how far it is. A place that is only roughly known is never said to be at the station."""
    if way.exact:
        return _("{distance} from the station").format(distance=distance(way.km))
    return _("about {distance} from the station, the place is only roughly known").format(
        distance=distance(max(way.km, LEAST_ROUGH_KM))
    )


def way_in_short(travel: timedelta, start: datetime) -> str:
    """For a row of a list: when to set out for a visit that begins then."""
    return _("On site: {time} there, set out at {at}").format(time=duration(travel), at=clock_time(start - travel))


def on_the_way(travel: timedelta, sets_out: datetime) -> str:
    """For staff who go: how long, and when to set out at the latest."""
    return _("{time} there, {time} back (estimated); set out at {at}").format(
        time=duration(travel), at=clock_time(sets_out)
    )
