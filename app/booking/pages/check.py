"""The fifth page: everything once more, each line with its way back; then it is sent."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import Depends, Form, Response
from fastapi.responses import HTMLResponse

from app.accounts.callers import CurrentCaller
from app.accounts.letterhead import Head
from app.accounts.rules.rights import Caller, Permission
from app.booking.account import with_accepted_code
from app.booking.errors import Elsewhere
from app.booking.forms import LABELS, Sender, Verdict, Visit, item_name, judge
from app.booking.pages.frame import Wizard, WizardPage, WizardRoute, see
from app.booking.sending import key_of, sent, submission, typed_of, visit_of
from app.booking.steps import Step
from app.booking.tables import table_name
from app.bundles.errors import BundleUnknown
from app.bundles.finding import opened_here
from app.bundles.linking import along_of
from app.bundles.queries import view
from app.catalogue.labels import mode_label, option_label
from app.catalogue.rules import USE_FIELD
from app.catalogue.snapshot import ServiceInfo
from app.kit.db import Database, Hot
from app.kit.doors import Door
from app.kit.formats import clock_time, duration, long_date
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext, tr
from app.kit.problems import Conflict, Invalid, Problem
from app.requests.along import Along, Linker, Refused
from app.requests.given import Answer, Divisions, given
from app.requests.idempotency import look_up
from app.requests.many import Group, grouped
from app.requests.opened import Opened
from app.requests.owners import sender_of
from app.requests.service import Submissions
from app.requests.site_intake import ADDRESS_FIELD
from app.requests.site_words import window_words
from app.slots.errors import HoldExpired, HoldUnknown, HoldUsed, StationClosed
from app.stations.directory import CurrentDirectory, Directory
from app.web.fields import field_id
from app.web.limits import limited

router = Door(route_class=WizardRoute)
Row = Mapping[str, str]
OF_DETAILS = ("applicant.", "note", "consent_version")


@router.get("/book/{draft}/check")
async def check(wizard: Wizard, directory: CurrentDirectory, database: Hot) -> HTMLResponse:
    """All that will be sent. What has become wrong meanwhile is shown on the page where it is mended."""
    wizard.guard(Step.CHECK)
    visit = visit_of(wizard.data, wizard.catalogue, directory.atlas, wizard.now)
    return _shown(wizard, directory, visit, await _right(wizard, visit, database))


def _shown(
    wizard: WizardPage, directory: Directory, visit: Visit, right: tuple[Verdict, Sender], refused: str = ""
) -> HTMLResponse:
    verdict, sender = right
    context = {
        "errors": {"": refused} if refused else {},
        "visit": list(_visit(wizard, visit)),
        "parts": list(_parts(wizard, visit, verdict, directory.atlas.divisions)),
        "ignored": verdict.ignored,
        "who": list(_who(wizard, sender)),
    }
    return wizard.show("booking/check.html", Step.CHECK, context, status_code=Conflict.status if refused else 200)


def _parts(
    wizard: WizardPage, visit: Visit, verdict: Verdict, divisions: Divisions
) -> Iterable[tuple[ServiceInfo, list[Row], Group, str]]:
    """Each service with its answers; of several instruments what they have in common, and a table of the rest."""
    for n, service in enumerate(visit.services):
        own = [inputs for code, inputs in verdict.items if code == service.code]
        told = [(row, service, given(service, inputs, divisions)) for row, inputs in enumerate(own, start=1)]
        [group] = grouped(told)
        rows = list(_answers(wizard, n, told[0][2])) if group.count == 1 else []
        yield service, rows, group, _details(wizard, table_name(n))


async def _right(wizard: WizardPage, visit: Visit, database: Database) -> tuple[Verdict, Sender]:
    """The details in clean values. Raises Elsewhere when they have faults."""
    typed = typed_of(wizard.data)
    verdict = judge(typed, await with_accepted_code(database, typed, visit))
    if verdict.errors or verdict.sender is None:
        raise Elsewhere(wizard.path("details?again=true"))
    return verdict, verdict.sender


def _row(key: str, value: str, href: str) -> Row:
    return {"key": key, "value": value, "href": href, "what": key}


def _visit(wizard: WizardPage, visit: Visit) -> Iterable[Row]:
    data = wizard.data
    what, where, when = (wizard.path(step) for step in (Step.WHAT, Step.WHERE, Step.WHEN))
    names = pgettext("between names", ", ").join(tr(service, "name") for service in visit.services)
    yield _row(pgettext("booking so far", "Service"), names, what)
    yield _row(_("Where it is done"), mode_label(visit.mode), what)
    if visit.use:
        yield _row(_("Used for"), option_label(USE_FIELD, visit.use), what)
    held, index = data.held, wizard.network.station_index.get(data.station or "")
    if held is not None and index is not None:
        time = f"{long_date(held.start)} {clock_time(held.start)}–{clock_time(held.end)}"
        yield _row(pgettext("booking so far", "Station"), tr(wizard.network.stations[index], "name"), where)
        yield _row(pgettext("booking so far", "Time"), time, when)
        yield from _on_site(wizard, visit, when)


def _on_site(wizard: WizardPage, visit: Visit, when: str) -> Iterable[Row]:
    """Where staff come, when somebody is there, and what is kept free for the way."""
    site, held = wizard.data.site, wizard.data.held
    if site is None or held is None or not visit.site_address:
        return
    here = wizard.path("site")
    yield _row(_("Address"), site.address, here)
    yield _row(
        _("Days on which somebody is there"), window_words(site.first_day, site.last_day, site.part_of_day), here
    )
    if site.contact_name or site.contact_phone:
        yield _row(_("Who receives them there"), f"{site.contact_name} {site.contact_phone}".strip(), here)
    yield _row(
        _("For the way"), _("{time} there and {time} back are kept free").format(time=duration(held.travel_min)), when
    )


def _answers(wizard: WizardPage, n: int, answers: Iterable[Answer]) -> Iterable[Row]:
    for answer in answers:
        known = (answer.key == USE_FIELD and wizard.data.use) or answer.key == ADDRESS_FIELD
        if not known:
            yield _row(answer.label, answer.words, _details(wizard, item_name(n, answer.key)))


def _who(wizard: WizardPage, sender: Sender) -> Iterable[Row]:
    values = {f"applicant.{name}": value for name, value in sender.applicant.model_dump().items()}
    for name, value in (values | {"note": sender.note}).items():
        yield _row(str(LABELS[name]), value or _("not given"), _details(wizard, name))


def _details(wizard: WizardPage, name: str) -> str:
    return f"{wizard.path(Step.DETAILS)}#{field_id(name)}"


@router.post("/book/{draft}/send", dependencies=[Depends(limited("request"))])
async def send(
    *,
    wizard: Wizard,
    directory: CurrentDirectory,
    database: Hot,
    caller: CurrentCaller,
    head: Head,
    alone: Annotated[bool, Form()] = False,
) -> Response:
    """Make the request of the draft; sent again, it is the same request. `alone`: not as steps of a package."""
    data = wizard.data
    if data.reference is None:
        if data.held is None or data.consented is None:
            return wizard.onward()
        visit = visit_of(data, wizard.catalogue, directory.atlas, wizard.now)
        verdict, sender = await _right(wizard, visit, database)
        submissions: Submissions = wizard.request.app.state.submissions
        # Nobody holds a connection while waiting for another one; that it is sent once, the key looks after.
        await wizard.session.rollback()
        try:
            receipt = await submissions.submit(
                submission(data, verdict, sender),
                key_of(wizard.draft),
                sender_of(caller),
                wizard.now,
                head,
                along=await _along(wizard, verdict, caller, alone=alone),
            )
        except Refused as problem:
            return _shown(wizard, directory, visit, (verdict, sender), problem.sentence())
        except (Invalid, HoldExpired, HoldUnknown, HoldUsed, StationClosed) as problem:
            return await _back(wizard, problem)
        wizard.draft.data = sent(data, receipt.answer["reference"])
        await wizard.save()
    response = see(wizard.path("done"))
    Opened(wizard.request).remember(response, wizard.draft.data.reference or "")
    return response


async def _along(wizard: WizardPage, verdict: Verdict, caller: Caller, *, alone: bool) -> Along | None:
    """What is written along: links to instruments of a ledger, or, unless it goes alone, to steps of a package."""
    data = wizard.data
    if data.ledger is not None:
        linker: Linker = wizard.request.app.state.linker
        return await linker(data.ledger, verdict.items, caller, wizard.now)
    return None if alone or data.bundle is None else await _to_steps(wizard, data.bundle, verdict, caller)


async def _to_steps(wizard: WizardPage, reference: str, verdict: Verdict, caller: Caller) -> Along | None:
    """The links to steps of the package that it was begun for, if whoever sends may still open that."""
    database: Database = wizard.request.app.state.database
    async with database.writer() as session:
        try:
            bundle = await opened_here(wizard.request, session, caller, reference, Permission.REQUESTS_CHANGE)
        except BundleUnknown:
            return None
        found = await view(session, wizard.network, bundle)
    # Asked last: what was sent before, a moment ago or with its answer lost, has taken the steps itself.
    if await look_up(database, key_of(wizard.draft), wizard.now):
        return None
    return along_of(found, verdict.items, caller.person_id)


async def _back(wizard: WizardPage, problem: Problem) -> Response:
    """To the page where it can be mended; everything typed stays."""
    fields = [fault.field for fault in problem.errors]
    if any(field.startswith(OF_DETAILS) or _in_form(field) for field in fields):
        wizard.data.consented = None
        await wizard.save()
        return see(wizard.path("details?again=true"))
    if wizard.data.held is not None:  # over from now on: the page of the times says so, and offers others
        wizard.data.held = wizard.data.held.model_copy(update={"expires_at": wizard.now})
    await wizard.save()
    return wizard.onward()


def _in_form(field: str) -> bool:
    return ".inputs." in field and not field.endswith(f".{USE_FIELD}")
