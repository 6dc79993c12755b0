"""What can be told. Pure."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.requests.rules import Event

PING = "webhook.ping"
CERTIFICATE, WITHDRAWN = "certificate.issued", "certificate.withdrawn"
OF_REQUEST: Mapping[str, LazyString] = {
    f"request.{event}": words
    for event, words in {
        Event.SUBMITTED: lazy("Sent in"),
        Event.ACCEPTED: lazy("Request accepted"),
        Event.RETURNED: lazy("Returned for corrections"),
        Event.CORRECTED: lazy("Corrected and sent again"),
        Event.DECLINED: lazy("Request declined"),
        Event.RESCHEDULED: lazy("Appointment moved"),
        Event.UNBOOKED: lazy("Appointment given up by the station"),
        Event.CHECKED_IN: lazy("Checked in at the counter"),
        Event.NO_SHOW: lazy("Nobody came"),
        Event.RECEIVED: lazy("Instrument or sample received"),
        Event.ITEM_REJECTED: lazy("Instrument or sample not taken"),
        Event.DISPATCHED: lazy("Staff on their way"),
        Event.ARRIVED: lazy("Staff on site"),
        Event.STARTED: lazy("Work begun"),
        Event.SUSPENDED: lazy("Work stands still"),
        Event.RESUMED: lazy("Work resumed"),
        Event.CONSENT_ASKED: lazy("Consent to subcontract asked for"),
        Event.CONSENTED: lazy("Consent to subcontract given"),
        Event.CONSENT_REFUSED: lazy("Consent to subcontract refused"),
        Event.RESULT_ENTERED: lazy("Result entered"),
        Event.RESULT_REFUSED: lazy("Result sent back"),
        Event.VERIFIED: lazy("Result verified"),
        Event.ISSUED: lazy("Document issued"),
        Event.DELIVERED: lazy("Document handed over"),
        Event.RESULT_CORRECTED: lazy("Correction of a document begun"),
        Event.INVALIDATED: lazy("Document withdrawn"),
        Event.FINISHED: lazy("Work finished"),
        Event.ARCHIVED: lazy("Request filed"),
        Event.REROUTED: lazy("Passed on to another station"),
        Event.ITEM_REROUTED: lazy("Single items passed on to another station"),
        Event.SPLIT_OFF: lazy("Split off from another request"),
        Event.ESCALATED: lazy("Handed up to the parent station"),
        Event.CANCELLED: lazy("The request is cancelled"),
        Event.RESTORED: lazy("Taken up again"),
        Event.COMPLAINED: lazy("Complaint made"),
        Event.COMPLAINT_CLOSED: lazy("Complaint answered"),
        Event.RATED: lazy("The request is rated"),
    }.items()
}
KINDS: Mapping[str, LazyString] = {
    **OF_REQUEST,
    CERTIFICATE: lazy("Certificate or report, with its number"),
    WITHDRAWN: lazy("Certificate or report withdrawn, with its number"),
}
"""What one can subscribe to, in the order of a request's life."""


def kind_words(kind: str) -> str:
    """A kind in words; what rooms to come tell is shown by its name until they say what it is."""
    if kind == PING:
        return str(PING_WORDS)
    return str(KINDS.get(kind, kind))


PING_WORDS = lazy("Test message")
