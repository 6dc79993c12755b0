"""A request's appointment as a calendar file (RFC 5545, its method by RFC 5546).

The UID is the request's id for ever; each change of the appointment raises SEQUENCE, so that a calendar that has the
event already moves or strikes it. No access code in it: calendars are shared.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event, Timezone, vCalAddress, vGeo
from icalendar.enums import STATUS

from app.kit.clock import LOCAL
from app.kit.geo import Point
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr, use_locale
from app.requests.queries import RequestView

PRODUCT = "-//OneStop//Appointments//ZH"
ALARMS = (timedelta(days=-1), timedelta(hours=-2))


def calendar_file(view: RequestView, page_url: str) -> bytes:
    """The file in the language of the request; `page_url` is where its owner looks it up."""
    with use_locale(view.request.language):
        cancelled = view.appointment.status == "cancelled"
        event = _event(view, page_url)
        if not cancelled:
            for before in ALARMS:
                event.add_component(_alarm(view, before))
        calendar = Calendar.new(prodid=PRODUCT, method="CANCEL" if cancelled else "PUBLISH", subcomponents=[event])
        calendar.subcomponents.insert(0, zone_of(view.appointment.start.year))
    document: bytes = calendar.to_ical()
    return document


def _event(view: RequestView, page_url: str) -> Event:
    request, appointment, station = view.request, view.appointment, view.appointment.station
    organiser = vCalAddress(f"urn:onestop:station:{station.code}")
    organiser.params["CN"] = tr(station, "name")
    event = Event.new(
        uid=request.id,
        sequence=request.calendar_sequence,
        stamp=request.changed_at,
        created=request.created_at,
        last_modified=request.changed_at,
        start=appointment.start.astimezone(LOCAL),
        end=appointment.end.astimezone(LOCAL),
        status=STATUS.CANCELLED if appointment.status == "cancelled" else STATUS.CONFIRMED,
        summary=_summary(view),
        description=_description(view, page_url),
        location=(view.site and view.site.address) or f"{tr(station, 'name')}, {station.address_zh}",
        organizer=organiser,
        url=page_url,
    )
    point = view.site.point if view.site else Point(station.lon, station.lat)
    if point is not None:
        event.add("geo", vGeo((point.lat, point.lon)))
    return event


def _summary(view: RequestView) -> str:
    services = pgettext("between the services of a visit", "; ").join(_services(view))
    return _("Station appointment: {services}").format(services=services)


def _services(view: RequestView) -> list[str]:
    """Each service once, with how many there are of it."""
    return [f"{tr(service, 'name')} ×{count}" if count > 1 else tr(service, "name") for service, count in view.what]


def _description(view: RequestView, page_url: str) -> str:
    lines = [
        _("Reference {reference}").format(reference=view.request.reference),
        *_services(view),
        _("To look at it, change the time or cancel: {url}").format(url=page_url),
    ]
    return "\n".join(lines)


def _alarm(view: RequestView, before: timedelta) -> Alarm:
    alarm = Alarm.new(description=_summary(view))
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", before)
    return alarm


def zone_of(year: int) -> Timezone:
    """The network's time zone for a file whose events begin in this year."""
    return Timezone.from_tzinfo(ZoneInfo(LOCAL.key), first_date=date(year - 1, 1, 1), last_date=date(year + 2, 1, 1))
