"""The start page of the office: what waits, by role."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.callers import AtWork
from app.accounts.queries import people
from app.accounts.rules.labels import ROLES
from app.accounts.rules.rights import Caller, Permission
from app.kit.db import Reading
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.office.calls import CurrentPlaces
from app.office.pages.frame import show
from app.office.places import Places
from app.office.queries import codes, messages

router = Door()
P = Permission


@router.get("/office")
async def start(request: Request, caller: AtWork, session: Reading, places: CurrentPlaces) -> HTMLResponse:
    context = {"name": caller.name, "holdings": _own(caller, places), "boxes": await _boxes(session, caller)}
    return show(request, caller, "start.html", context)


def _own(caller: Caller, places: Places) -> list[Mapping[str, str]]:
    """One's own roles in words."""
    return [
        {
            "role": str(ROLES[grant.role]),
            "place": places.station_name(grant.station_id)
            or places.county_name(grant.county)
            or _("The whole network"),
        }
        for grant in caller.grants
    ]


async def _boxes(session: AsyncSession, caller: Caller) -> list[Mapping[str, Any]]:
    """A box for each thing that one may look at; a figure where something waits or can be counted."""
    waiting = await codes.waiting(session, caller.scope(P.CODES_READ)) if caller.may(P.CODES_READ) else None
    staff = await people.count(session, caller.scope(P.PEOPLE_READ)) if caller.may(P.PEOPLE_READ) else None
    undelivered = await messages.dead(session, caller.scope(P.MESSAGES_READ)) if caller.may(P.MESSAGES_READ) else None
    every = (
        (P.REQUESTS_READ, _("Requests"), "/office/requests", None, _("What enterprises have asked of the stations.")),
        (
            P.CODES_READ,
            _("Credit codes"),
            "/office/codes",
            waiting,
            _("Codes that wait for somebody to compare them with the licence."),
        ),
        (
            P.MESSAGES_READ,
            _("Mails"),
            "/office/messages?state=dead" if undelivered else "/office/messages",
            undelivered,
            _("Mails that could not be delivered. Somebody should look why."),
        ),
        (
            P.PEOPLE_READ,
            _("People and roles"),
            "/office/people",
            staff,
            _("Staff with an account in use, in your part of the network."),
        ),
        (
            P.ORGANISATIONS_READ,
            _("Organisations"),
            "/office/organisations",
            None,
            _("Enterprise accounts, and who acts for them."),
        ),
        (
            P.SETTINGS_READ,
            _("Settings"),
            "/office/settings",
            None,
            _("Deadlines, rules of booking and the working calendar, with who changed them."),
        ),
        (P.AUDIT_READ, _("Record"), "/office/audit", None, _("Who did what, when, and on which object.")),
        (P.RETENTION_READ, _("Retention"), "/office/retention", None, _("What is kept how long, and why.")),
    )
    return [
        {"title": title, "href": href, "figure": figure, "text": text}
        for permission, title, href, figure, text in every
        if caller.may(permission)
    ]
