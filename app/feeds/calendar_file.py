"""A feed as a calendar (RFC 5545; its refresh interval by RFC 7986, and as older programs write it).

A subscription replaces what it had by what it gets, so that an appointment that was moved moves, and one that was
cancelled is struck. No personal data: calendars are shown to others, and kept by whoever offers the program.
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar, Event, vCalAddress
from icalendar.enums import STATUS

from app.feeds.queries import Entry, Feed
from app.kit.clock import LOCAL
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr, use_locale
from app.kit.ticks import TICK_MIN, tick_time
from app.requests.ics import PRODUCT, zone_of
from app.requests.site_words import on_the_way
from app.stations.snapshot import Network

REFRESH = timedelta(minutes=15)


def feed_file(feed: Feed, network: Network, base: str) -> bytes:
    """The calendar in the language of its person; `base` is the installation's address, without a slash."""
    with use_locale(feed.language):
        calendar = Calendar.new(prodid=PRODUCT, method="PUBLISH", name=name_of(feed, network))
        calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-wr-calname", name_of(feed, network))
        calendar.add("x-wr-timezone", LOCAL.key)
        calendar.add("x-published-ttl", "PT15M")
        if feed.entries:
            calendar.add_component(zone_of(tick_time(feed.entries[0].starts, LOCAL).year))
        for entry in feed.entries:
            calendar.add_component(_event(entry, feed, network, base))
    document: bytes = calendar.to_ical()
    return document


def tag_of(feed: Feed, network: Network, base: str) -> str:
    """An entity tag that changes when the calendar would: known before the calendar is written."""
    facts = repr((feed, network.version, base)).encode()
    return f'"{hashlib.sha256(facts).hexdigest()[:32]}"'


def name_of(feed: Feed, network: Network) -> str:
    """What a calendar program calls the feed, unless its person calls it something else."""
    if feed.station_id is None:
        return _("My station appointments")
    return _("Appointments: {station}").format(station=tr(network.station_by_id[feed.station_id], "name"))


def _event(entry: Entry, feed: Feed, network: Network, base: str) -> Event:
    station = network.station_by_id[entry.station_id]
    page = f"{base}/{'r' if feed.station_id is None else 'office/requests'}/{entry.reference}"
    organiser = vCalAddress(f"urn:onestop:station:{station.code}")
    organiser.params["CN"] = tr(station, "name")
    return Event.new(
        uid=entry.id,
        sequence=entry.sequence,
        stamp=entry.changed_at,
        created=entry.created_at,
        last_modified=entry.changed_at,
        start=tick_time(entry.starts, LOCAL),
        end=tick_time(entry.starts + entry.ticks, LOCAL),
        status=STATUS.CONFIRMED if entry.active else STATUS.CANCELLED,
        summary=_summary(entry, feed, network),
        description="\n".join(_lines(entry, feed, network, page)),
        location=entry.address or f"{tr(station, 'name')}, {station.address_zh}",
        organizer=organiser,
        url=page,
    )


def _summary(entry: Entry, feed: Feed, network: Network) -> str:
    """For staff whose visit it is, for others what it is about; a cancelled one says so, as not every program does."""
    services = pgettext("between the services of a visit", "; ").join(_services(entry, network))
    words = services if feed.station_id is None else f"{entry.organisation_name} · {services}"
    return words if entry.active else _("Cancelled: {words}").format(words=words)


def _lines(entry: Entry, feed: Feed, network: Network, page: str) -> Iterable[str]:
    yield _("Reference {reference}").format(reference=entry.reference)
    if feed.station_id is not None:
        yield entry.organisation_name
        if entry.travel:
            yield on_the_way(timedelta(minutes=entry.travel * TICK_MIN), tick_time(entry.starts - entry.travel, LOCAL))
    yield from _services(entry, network)
    yield page


def _services(entry: Entry, network: Network) -> list[str]:
    return [tr(network.service_by_id[service_id], "name") for service_id in entry.service_ids]
