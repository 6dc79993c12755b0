"""My data: what is kept of me and why, a copy of it, where it is corrected, and which notice I agreed to."""

from typing import Annotated

from fastapi import Form, Request, Response

from app.accounts.queries.notice import operator_of
from app.accounts.queries.organisations import all_mine
from app.audit.service import Object, record
from app.enterprise.consent import agree, consent_of
from app.enterprise.export import as_json, as_zip, export
from app.enterprise.kept import kept
from app.enterprise.pages.frame import NOT_TO_KEEP, Acting, Looking, see
from app.kit.clock import local_date
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.stations.snapshot import CurrentNetwork
from app.web.pages import own_path

router = Door(route_class=RetryingRoute)
HERE = "/account/data"
DONE = ("agreed", "changed")
MEDIA = {"json": "application/json", "csv": "application/zip"}
ENDING = {"json": "json", "csv": "zip"}


@router.get(HERE)
async def data(request: Request, call: Looking, done: str = "") -> Response:
    context = {
        "kept": list(kept()),
        "consent": await consent_of(call.session, call.caller, call.now),
        "organisations": await all_mine(call.session, call.caller),
        "contact": operator_of(request.app.state.settings).contact,
        "done": done if done in DONE else "",
    }
    return call.show("data.html", context)


@router.post(f"{HERE}/export")
async def copy(
    call: Acting, network: CurrentNetwork, form: Annotated[str, Form(alias="format", max_length=10)] = "json"
) -> Response:
    """A file with all that is kept of oneself. On record, since whoever sits there takes it along."""
    form = form if form in MEDIA else "json"
    found = await export(call.session, network, call.person_id)
    on = Object("person", str(call.person_id))
    await record(call.session, call.caller.actor, "data.exported", on, at=call.now, after={"format": form})
    body = as_json(found, call.now) if form == "json" else as_zip(found)
    name = f"onestop-my-data-{local_date(call.now).isoformat()}.{ENDING[form]}"
    headers = {**NOT_TO_KEEP, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=headers, media_type=MEDIA[form])


@router.post(f"{HERE}/consent")
async def consent(
    call: Acting,
    version: Annotated[str, Form(max_length=16)] = "",
    back: Annotated[str, Form(max_length=500)] = HERE,
) -> Response:
    """Agree to the notice in force; if it has changed since the page was shown, it is shown again."""
    agreed = await agree(call.session, call.caller, version, call.now)
    return see(own_path(back) if agreed and back != HERE else f"{HERE}?done={'agreed' if agreed else 'changed'}")
