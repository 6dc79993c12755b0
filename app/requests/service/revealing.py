"""Looking at what is masked: allowed with a reason, and on record before anything is shown."""

from datetime import datetime

from app.audit.service import Actor, Object, record
from app.kit.db import WriteSession
from app.requests.masking import PERSONAL_ANSWERS
from app.requests.queries import RequestView


async def reveal(session: WriteSession, found: RequestView, actor: Actor, reason: str, now: datetime) -> None:
    """Put the look on record, with what there is to be seen; show it only after the commit."""
    request = found.request
    own = [name for name in ("contact_name", "mobile", "email", "note") if getattr(request, name)]
    site = found.site
    own += ["site"] if site and (site.contact_name or site.contact_phone) else []
    asked = sorted({key for item in found.items for key in item.inputs if key in PERSONAL_ANSWERS})
    on = Object("request", request.reference, request.station_id, request.organisation_id)
    await record(session, actor, "contact.revealed", on, at=now, after={"fields": [*own, *asked]}, reason=reason)
