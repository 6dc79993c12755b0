"""What both doors answer with: a request written as JSON, its calendar file, its address for people."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request, Response

from app.kit import ids
from app.kit.clock import LOCAL
from app.requests import models
from app.requests.ics import calendar_file
from app.requests.linked import Linked
from app.requests.masking import contact_of, inputs_of, site_contact
from app.requests.queries import RequestView, Summary

CALENDAR = "text/calendar"
SITE = ("address", "town", "lon", "lat", "first_day", "last_day", "part_of_day")
NOT_TO_KEEP = {"Cache-Control": "private, no-store"}


def calendar_response(request: Request, found: RequestView) -> Response:
    """The calendar file as a download, in the language of the request."""
    reference = found.request.reference
    headers = {
        **NOT_TO_KEEP,
        "Content-Disposition": f'attachment; filename="{reference}.ics"',
        "Content-Language": found.request.language,
    }
    return Response(calendar_file(found, page_url(request, reference)), headers=headers, media_type=CALENDAR)


def page_url(request: Request, reference: str) -> str:
    """Where people look the request up, on the installation's public address."""
    public = request.app.state.settings.web.public_url
    return f"{str(public or request.base_url).rstrip('/')}/r/{reference}"


def with_links(short: Summary) -> dict[str, Any]:
    path = f"/api/v1/requests/{short['reference']}"
    links = {name: f"{path}/{name}" for name in ("reschedule", "cancel")}
    links |= {"self": path, "calendar": f"{path}/calendar.ics", "page": f"/r/{short['reference']}"}
    return {**short, "links": links}


def described(found: RequestView, secret_key: bytes | None = None) -> dict[str, Any]:
    """The request as it stands, without anything personal."""
    due = found.due_at
    return {
        **with_links(found.summary()),
        "timeline": [
            {"at": _iso(told.at), "kind": told.kind, "text_zh": told.text_zh, "text_en": told.text_en}
            for told in found.timeline
        ],
        "due_at": due and _iso(due),
        "due_provisional": found.due_provisional,
        "linked": [_linked(each, secret_key) for each in found.linked],
    }


def _linked(other: Linked, secret_key: bytes | None) -> dict[str, Any]:
    return {
        "reference": other.reference,
        "relation": "came_from" if other.came_from else "passed_on",
        "station_code": other.station.code,
        "access_code": code_of(other, secret_key),
    }


def code_of(other: Linked, secret_key: bytes | None) -> str | None:
    """The code of what was split off, for who has the first one's: with the key that codes are derived from."""
    return ids.access_code(secret_key, other.id) if secret_key and not other.came_from else None


def whole(found: RequestView, *, masked: bool = False, secret_key: bytes | None = None) -> dict[str, Any]:
    """Everything that its owner gave and may see; `masked`, as staff see it. With the key also codes, see `code_of`."""
    request = found.request
    described_ = described(found, secret_key)
    contact = asdict(contact_of(request, masked=masked))
    note = contact.pop("note")
    items = [
        {**short, "inputs": inputs_of(item.inputs, masked=masked)}
        for short, item in zip(described_["items"], found.items, strict=True)
    ]
    return {
        **described_,
        **{name: getattr(request, name) for name in ("mode", "use", "language", "consent_version")},
        "note": note,
        "items": items,
        "applicant": {"organisation_name": request.organisation_name, "uscc": request.uscc, **contact},
        "masked": masked,
        "origin": _origin(request),
        "site": _site(found, masked=masked),
        "created_at": _iso(request.created_at),
        "changed_at": _iso(request.changed_at),
    }


def _origin(request: models.Request) -> dict[str, Any] | None:
    if request.crs is None:
        return None
    given = {"lon": request.given_lon, "lat": request.given_lat, "crs": request.crs}
    return {"lon": request.lon, "lat": request.lat, "given": given}


def _site(found: RequestView, *, masked: bool) -> dict[str, Any] | None:
    site, way = found.site, found.way
    if site is None:
        return None
    return {
        **{name: getattr(site, name) for name in SITE},
        **asdict(site_contact(site, masked=masked)),
        "distance_km": way and round(way.km, 1),
        "exact": bool(way and way.exact),
        "travel_min": found.appointment.travel // timedelta(minutes=1),
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(LOCAL).isoformat()
