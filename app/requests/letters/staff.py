"""What those who answer for a station hear of a single request by mail: little, for the inbox shows everything. Pure.

An officer who gets a mail for each request reads none. Mails are for what may not lie: complaints, and what another
station has handed up. Nothing in them names anybody; that stands on the page of the request.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.kit.formats import date_time
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.notify.letters import Letter
from app.requests.queries import RequestView
from app.requests.rules import Action


class StaffKind(StrEnum):
    """What a mail to staff is for."""

    COMPLAINT = "station.complaint"
    HANDED_UP = "station.handed_up"
    DUE = "station.due"
    OVERDUE = "station.overdue"


TOLD: Mapping[Action, StaffKind] = {
    Action.COMPLAIN: StaffKind.COMPLAINT,
    Action.ESCALATE: StaffKind.HANDED_UP,
}


def staff_letter(kind: StaffKind, view: RequestView) -> Letter:
    """A complaint, or a request that came from a station below, in the language of the moment."""
    reference, station = view.request.reference, tr(view.appointment.station, "name")
    if kind is StaffKind.COMPLAINT:
        subject = _("A complaint about request {reference}")
        sentence = _(
            "The applicant of request {reference} at {station} complains. What about, and by when it must be "
            "answered, is on the page of the request."
        )
    else:
        subject = _("Request {reference} was handed up")
        sentence = _("Request {reference} was handed up to {station}. Its appointment is on {start}.")
    data = {"reference": reference, "station": station, "start": date_time(view.appointment.start)}
    return Letter(
        subject.format(**data),
        [sentence.format(**data)],
        link=f"/office/requests/{reference}",
        why=_("You get this mail because you answer for the station."),
    )
