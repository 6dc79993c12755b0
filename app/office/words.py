"""The words for what is on record: actions, kinds of objects, who acts. Pure; unknown ones are shown as they are."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.audit.queries import Entry
from app.kit.i18n import LazyString, lazy

ACTIONS: Mapping[str, LazyString] = {
    "audit.exported": lazy("Record exported"),
    "audit.pruned": lazy("Old entries of the record removed"),
    "closure.entered": lazy("Closure entered"),
    "bundle.begun": lazy("Package of services begun"),
    "bundle.claimed": lazy("Package taken into an organisation"),
    "bundle.step_left_out": lazy("Step of a package left out"),
    "bundle.step_linked": lazy("Request added to a step of a package"),
    "bundle.step_taken_up": lazy("Step of a package taken up again"),
    "closure.taken_back": lazy("Closure taken back"),
    "code.accepted": lazy("Credit code accepted on evidence"),
    "code.evidence_opened": lazy("Picture of a licence opened"),
    "code.refused": lazy("Credit code refused"),
    "code.submitted": lazy("Credit code put before staff"),
    "consent.given": lazy("Consent to the privacy notice given"),
    "contact.revealed": lazy("Contact shown in full"),
    "data.exported": lazy("Own data exported"),
    "demo.loaded": lazy("People of the demo made"),
    "desk.retired": lazy("Desk taken out of use"),
    "desk.used_again": lazy("Desk used again"),
    "deadline.escalated": lazy("Missed deadlines told to who answers for the station"),
    "feed.made": lazy("Address of a calendar made"),
    "feed.revoked": lazy("Address of a calendar revoked"),
    "hall.closed": lazy("Hall closed for new tickets"),
    "hall.contingents_changed": lazy("Contingents of walk-in tickets changed"),
    "hall.halted": lazy("Hall stopped in an emergency"),
    "hall.opened": lazy("Hall opened again"),
    "hall.resumed": lazy("Stop of the hall ended"),
    "hall.sent_home": lazy("Who still waited marked as left"),
    "hours.changed": lazy("Opening hours changed"),
    "instrument.added": lazy("Instrument added to a ledger"),
    "instrument.changed": lazy("Instrument changed"),
    "instrument.restored": lazy("Instrument put to use again"),
    "instrument.retired": lazy("Instrument put out of use"),
    "instruments.imported": lazy("File of instruments taken in"),
    "invitation.sent": lazy("Invitation sent"),
    "invitation.withdrawn": lazy("Invitation withdrawn"),
    "key.created": lazy("API key made"),
    "key.revoked": lazy("API key revoked"),
    "kiosk.made": lazy("Address of a kiosk made"),
    "kiosk.revoked": lazy("Address of a kiosk revoked"),
    "membership.added": lazy("Person added to an organisation"),
    "membership.changed": lazy("Part in an organisation changed"),
    "membership.removed": lazy("Person removed from an organisation"),
    "message.resent": lazy("Mail sent again"),
    "message.text_read": lazy("Text of a mail read"),
    "network.imported": lazy("Network imported"),
    "organisation.closed": lazy("Organisation closed"),
    "organisation.code_corrected": lazy("Credit code of an organisation corrected"),
    "organisation.created": lazy("Organisation made"),
    "organisation.owner_appointed": lazy("Owner of an organisation appointed on evidence"),
    "organisation.renamed": lazy("Organisation renamed"),
    "performance.differs": lazy("Kept figures differ from what was recorded"),
    "person.address_asked": lazy("Another mail address asked for"),
    "person.address_changed": lazy("Mail address changed"),
    "person.changed": lazy("Own name or language changed"),
    "person.closed": lazy("Account closed"),
    "person.corrected": lazy("Name or mail address corrected"),
    "person.created": lazy("Account made"),
    "person.disabled": lazy("Account disabled"),
    "person.enabled": lazy("Account enabled"),
    "person.identity_linked": lazy("Single sign-on linked"),
    "person.password_changed": lazy("Password changed"),
    "person.password_link_made": lazy("Link to set a password made"),
    "person.password_set": lazy("Password set by a mailed link"),
    "person.recovery_codes_made": lazy("Recovery codes made"),
    "person.registered": lazy("Account registered"),
    "person.reset": lazy("Account opened again by command"),
    "person.second_factor_removed": lazy("Second factor removed"),
    "person.second_factor_replaced": lazy("Second factor replaced"),
    "person.second_factor_reset": lazy("Second factor removed by an administrator"),
    "person.second_factor_set": lazy("Second factor set up"),
    "person.sign_in_refused": lazy("Sign-in refused"),
    "person.signed_in": lazy("Signed in"),
    "rating.answered": lazy("Bad rating answered"),
    "rating.called_back": lazy("Applicant called back about a bad rating"),
    "register.removed": lazy("Register of enterprises removed"),
    "register.taken_in": lazy("Register of enterprises taken in"),
    "plan.cancelled": lazy("Plan stopped"),
    "plan.deleted": lazy("Plan deleted"),
    "plan.made": lazy("Plan asked for"),
    "thing.labelled": lazy("Labels made for what is handed in"),
    "thing.moved": lazy("Thing put elsewhere in the station"),
    "thing.noted": lazy("Condition of a thing noted"),
    "thing.passed_on": lazy("Thing passed on to another institution"),
    "thing.received": lazy("Thing taken in"),
    "thing.returned": lazy("Thing given back"),
    "thing.taken_in": lazy("Thing taken in again"),
    "request.accepted": lazy("Request accepted"),
    "request.archived": lazy("Request put into the archive"),
    "request.arrived": lazy("Staff arrived on site"),
    "request.cancelled": lazy("Request cancelled"),
    "request.checked_in": lazy("Applicant checked in"),
    "request.claimed": lazy("Request claimed"),
    "request.complained": lazy("Complaint opened"),
    "request.complaint_closed": lazy("Complaint answered and closed"),
    "request.consent_asked": lazy("Consent to subcontract asked for"),
    "request.consented": lazy("Consent to subcontract given"),
    "request.consent_refused": lazy("Consent to subcontract refused"),
    "request.corrected": lazy("Request corrected and sent again"),
    "request.declined": lazy("Request declined"),
    "request.delivered": lazy("Document handed over"),
    "request.dispatched": lazy("Staff sent out to the site"),
    "request.escalated": lazy("Request handed to the parent station"),
    "request.finished": lazy("Work on a request done"),
    "request.invalidated": lazy("Document withdrawn"),
    "request.issued": lazy("Document issued"),
    "request.item_rejected": lazy("What was handed in not taken"),
    "request.message_written": lazy("Message written to an applicant"),
    "request.no_show": lazy("Nobody came to the appointment"),
    "request.note_written": lazy("Note for colleagues written"),
    "request.rated": lazy("Request rated"),
    "request.received": lazy("What was handed in received"),
    "request.rerouted": lazy("Request passed on to another station"),
    "request.rescheduled": lazy("Request moved to another time"),
    "request.restored": lazy("Cancelled request restored"),
    "request.result_corrected": lazy("Correction of a document begun"),
    "request.result_entered": lazy("Result entered"),
    "request.result_refused": lazy("Result sent back"),
    "request.resumed": lazy("Work on a request resumed"),
    "request.returned": lazy("Request returned for corrections"),
    "request.started": lazy("Work on a request begun"),
    "request.submitted": lazy("Request sent in"),
    "request.unbooked": lazy("Appointment given up by the station"),
    "request.verified": lazy("Result verified"),
    "request.suspended": lazy("Work on a request suspended"),
    "retention.applied": lazy("Retention applied"),
    "role.granted": lazy("Role given"),
    "role.revoked": lazy("Role taken away"),
    "session.all_ended": lazy("All sessions ended"),
    "session.ended": lazy("Session ended"),
    "setting.changed": lazy("Setting changed"),
    "view.deleted": lazy("View of the inbox deleted"),
    "view.renamed": lazy("View of the inbox renamed"),
    "view.saved": lazy("View of the inbox kept"),
    "webhook.changed": lazy("Webhook changed"),
    "webhook.ended": lazy("Webhook ended"),
    "webhook.made": lazy("Webhook set up"),
    "webhook.readdressed": lazy("Another robot for a group"),
    "webhook.replayed": lazy("Events of a webhook sent again"),
    "webhook.rotated": lazy("Secret of a webhook changed"),
}
ACTORS: Mapping[str, LazyString] = {
    "person": lazy("Person"),
    "key": lazy("API key"),
    "visitor": lazy("Visitor"),
    "system": lazy("System"),
}
OBJECTS: Mapping[str, LazyString] = {
    "audit": lazy("Record"),
    "bundle": lazy("Package"),
    "closure": lazy("Closure"),
    "code": lazy("Credit code"),
    "demo": lazy("Demo"),
    "desk": lazy("Desk"),
    "feed": lazy("Calendar"),
    "hall": lazy("Hall"),
    "instrument": lazy("Instrument"),
    "instruments": lazy("Ledger of instruments"),
    "key": lazy("API key"),
    "kiosk": lazy("Kiosk"),
    "message": lazy("Mail sent out"),
    "network": lazy("Network"),
    "organisation": lazy("Organisation"),
    "performance": lazy("Performance"),
    "person": lazy("Person"),
    "register": lazy("Register of enterprises"),
    "plan": lazy("Plan"),
    "request": lazy("Request"),
    "retention": lazy("Retention"),
    "session": lazy("Session"),
    "station": lazy("Station"),
    "setting": lazy("Setting"),
    "thing": lazy("Thing handed in"),
    "view": lazy("View of the inbox"),
    "webhook": lazy("Webhook"),
}


def action_words(action: str) -> str:
    return str(ACTIONS.get(action, action))


def actor_words(kind: str) -> str:
    return str(ACTORS.get(kind, kind))


def object_words(kind: str) -> str:
    return str(OBJECTS.get(kind, kind))


def entry_words(entry: Entry) -> Mapping[str, str]:
    """What an entry's kinds are called."""
    return {
        "action": action_words(entry.action),
        "actor": actor_words(entry.actor_kind),
        "object": object_words(entry.object_kind),
    }


def changes(entry: Entry) -> list[tuple[str, str | None, str | None]]:
    """What changed, by name: before and after as text, None where there is nothing on that side."""
    before, after = entry.before or {}, entry.after or {}
    return [(name, _text(before, name), _text(after, name)) for name in dict.fromkeys([*before, *after])]


def _text(values: Mapping[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    return value if isinstance(value, str) else orjson.dumps(value).decode()
