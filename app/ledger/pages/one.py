"""One instrument: what is known of it and its history; adding, changing, putting out of use and to use again."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form, Response

from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Conflict, NotFound
from app.kit.text import Line, TextError
from app.ledger.errors import InstrumentChanged, InstrumentTwice, LedgerFull
from app.ledger.fields import ALL, SERVICE
from app.ledger.models import TEXT_LENGTH
from app.ledger.pages.frame import CONFLICT, FORM_AGAIN, HERE, Acting, Call, InstrumentId, Looking, see
from app.ledger.queries import Listed, history, one
from app.ledger.words import label, step_words
from app.web.forms import typed

router = Door(route_class=RetryingRoute)
ONE = f"{HERE}/{{instrument}}"
Version = Annotated[int, Form(ge=1, le=2**31 - 1)]
Typed = Annotated[str, Form(max_length=10_000)]


@router.get(f"{HERE}/new")
async def new(call: Looking) -> Response:
    return _form(call, None, {}, {})


@router.post(f"{HERE}/new")
async def add(call: Acting) -> Response:
    """What was typed, right or wrong, comes back with every fault."""
    given = await _typed(call)
    entry = call.reader.read(given)
    if entry.faults:
        return _form(call, None, given, {each.field: each.sentence() for each in entry.faults})
    try:
        made = await call.ledger.add(entry.values)
    except (InstrumentTwice, LedgerFull) as problem:
        return _form(call, None, given, {_field_of(problem): problem.sentence()})
    return see(f"{call.path(made.id)}?done=added")


@router.get(ONE)
async def instrument_page(call: Looking, instrument: InstrumentId) -> Response:
    found = await one(call.session, call.caller, call.own.id, instrument)
    steps = await history(call.session, call.caller, call.own.id, instrument)
    context = {
        "row": call.world.row(found),
        "facts": list(_facts(call, found)),
        "steps": [(step, step_words(step.kind, step.data), _differences(call, step.data)) for step in steps],
    }
    return call.show("instrument.html", context)


def _facts(call: Call, found: Listed) -> list[tuple[str, str]]:
    """What is known of it, by label; what isn't stays out of sight."""
    values = [(field.key, getattr(found, "service_id" if field.key == SERVICE else field.key)) for field in ALL]
    words = ((key, call.world.words("service_id" if key == SERVICE else key, value)) for key, value in values)
    return [(label(key), said) for key, said in words if said]


def _differences(call: Call, data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Of a change: what is called how, as it was and as it was then."""
    pairs = data.get("fields", {})
    return [
        (label(key), call.world.words(key, before), call.world.words(key, after))
        for key, (before, after) in pairs.items()
    ]


@router.get(f"{ONE}/edit")
async def edit(call: Looking, instrument: InstrumentId) -> Response:
    found = await one(call.session, call.caller, call.own.id, instrument)
    return _form(call, found, _values(call, found), {})


@router.post(f"{ONE}/edit")
async def change(call: Acting, instrument: InstrumentId, version: Version) -> Response:
    """Who was slower sees what a colleague has changed beside the own words, and decides."""
    given = await _typed(call)
    entry = call.reader.read(given)
    found = await one(call.session, call.caller, call.own.id, instrument)
    if entry.faults:
        return _form(call, found, given, {each.field: each.sentence() for each in entry.faults}, version=version)
    try:
        await call.ledger.change(instrument, version, entry.values)
    except InstrumentTwice as problem:
        return _form(call, found, given, {_field_of(problem): problem.sentence()}, version=version)
    except InstrumentChanged as problem:
        return _form(call, found, given, {"": problem.sentence()}, beside=True)
    return see(f"{call.path(instrument)}?done=changed")


@router.get(f"{ONE}/retire")
async def ask_to_retire(call: Looking, instrument: InstrumentId) -> Response:
    found = await one(call.session, call.caller, call.own.id, instrument)
    return _sure(call, found, "", {})


@router.post(f"{ONE}/retire")
async def retire(call: Acting, instrument: InstrumentId, version: Version, reason: Typed = "") -> Response:
    found = await one(call.session, call.caller, call.own.id, instrument)
    try:
        cleaned = Line(TEXT_LENGTH, blank=True).validate(reason)
        await call.ledger.retire(instrument, version, cleaned)
    except TextError:
        return _sure(call, found, reason, {"reason": _("Use at most {limit} characters.").format(limit=TEXT_LENGTH)})
    except NotFound:
        raise
    except Conflict as problem:
        return _sure(call, found, reason, {"": problem.sentence()})
    return see(f"{call.path(instrument)}?done=retired")


@router.post(f"{ONE}/restore")
async def restore(call: Acting, instrument: InstrumentId, version: Version) -> Response:
    await call.ledger.restore(instrument, version)
    return see(f"{call.path(instrument)}?done=restored")


async def _typed(call: Call) -> dict[str, str]:
    async with call.request.form(max_files=0, max_fields=40) as sent:
        return typed(sent)


def _field_of(problem: Conflict) -> str:
    return "serial_no" if isinstance(problem, InstrumentTwice) else ""


def _values(call: Call, found: Listed) -> dict[str, str]:
    """As the form's fields have them."""
    service = call.catalogue.by_id.get(found.service_id or 0)
    values = {field.key: getattr(found, field.key) for field in ALL if field.key != SERVICE}
    known = {key: str(value) for key, value in values.items() if value is not None}
    return known | ({SERVICE: service.code} if service else {})


def _form(
    call: Call,
    found: Listed | None,
    given: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    version: int = 0,
    beside: bool = False,
) -> Response:
    """`beside`: what stands there now is shown beside what was typed, and saving again takes the typed."""
    now = _values(call, found) if found and beside else {}
    context = {
        "found": found,
        "given": given,
        "errors": errors,
        "version": version or (found.version if found else 0),
        "theirs": {key: now.get(key, "") for key in {*now, *given} if beside and now.get(key) != given.get(key)},
        "choices": call.choices(),
        "fields": {field.key: label(field.key) for field in ALL},
    }
    status = CONFLICT if beside else FORM_AGAIN if errors else 200
    return call.show("instrument_form.html", context, status=status)


def _sure(call: Call, found: Listed, reason: str, errors: Mapping[str, str]) -> Response:
    context = {"found": found, "reason": reason, "errors": errors, "most": TEXT_LENGTH}
    return call.show("instrument_retire.html", context, status=FORM_AGAIN if errors else 200)
