"""The fourth page: the services' own questions, who asks, and the consent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse

from app.accounts.callers import CurrentCaller
from app.accounts.queries.notice import notice_in_force, operator_of
from app.accounts.rules.notice import blocks
from app.booking.account import as_chosen, chosen, filled_in, with_accepted_code
from app.booking.drafts import DraftData, storable
from app.booking.errors import Elsewhere
from app.booking.forms import LABELS, Typed, Verdict, Visit, judge, read
from app.booking.pages.frame import Wizard, WizardPage, WizardRoute
from app.booking.questions import questions
from app.booking.rows import Around, Grid, cell_faults, grid
from app.booking.sending import typed_of, visit_of
from app.booking.steps import Step
from app.booking.tables import Deed, columns, deed_of, mark_of, takes_table
from app.catalogue.questions import Question
from app.catalogue.rules import mandatory_by_use, needs_designation
from app.catalogue.sheets import write_sheet
from app.catalogue.snapshot import ServiceInfo
from app.config import Settings
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.kit.problems import FieldError
from app.kit.uscc import UsccProblem
from app.requests.codes import ASK_STAFF
from app.requests.owners import Account, account_of
from app.stations.directory import CurrentDirectory, Directory

router = Door(route_class=WizardRoute)
UNPROCESSABLE = 422
Opened = Mapping[int, Collection[int]]
"""The rows that are open to change, by the place of their service."""
MOST_FAULTS = 30
"""So many faults are told at once on top of the page."""


@router.get("/book/{draft}/details")
async def details(
    wizard: Wizard, directory: CurrentDirectory, database: Hot, caller: CurrentCaller, again: bool = False
) -> HTMLResponse:
    """The form as it was left. `again`: it was sent and refused, so its faults are shown."""
    wizard.guard(Step.DETAILS)
    account = await account_of(database, caller)
    typed = filled_in(typed_of(wizard.data), account)
    visit = visit_of(wizard.data, wizard.catalogue, directory.atlas, wizard.now)
    faults = judge(typed, await with_accepted_code(database, typed, visit)).errors if again else ()
    return _shown(wizard, directory, visit, Filled(typed, account, faults))


@router.post("/book/{draft}/details")
async def fill_in(wizard: Wizard, directory: CurrentDirectory, database: Hot, caller: CurrentCaller) -> Response:
    """Keeps what was typed, right or wrong, also when the time is no longer held."""
    if wizard.data.reference:
        return wizard.onward()
    visit = visit_of(wizard.data, wizard.catalogue, directory.atlas, wizard.now)
    async with wizard.request.form() as form:
        typed, deed, told = read(form, visit, wizard.data.tables), deed_of(form), "again" in form
    account = await account_of(database, caller)
    typed = as_chosen(typed, account)
    verdict = judge(typed, await with_accepted_code(database, typed, visit))
    _keep(wizard, typed, verdict)
    await wizard.save()
    if deed and wizard.open_step.number >= Step.DETAILS.number:
        faults = verdict.errors if told else typed.unread
        return _shown(wizard, directory, visit, Filled(typed, account, faults), _opened(deed))
    if verdict.errors and wizard.open_step is Step.DETAILS:
        return _shown(wizard, directory, visit, Filled(typed, account, verdict.errors))
    return wizard.onward()


def _opened(deed: Deed) -> Opened:
    """The row that is open after a button of a table was pressed, if any."""
    return {deed.n: {deed.row}} if deed.verb in {"edit", "add"} else {}


def _keep(wizard: WizardPage, typed: Typed, verdict: Verdict) -> None:
    """Consent counts once everything is right."""
    changed = {
        "answers": dict(typed.answers),
        "tables": dict(typed.tables),
        "applicant": dict(typed.applicant),
        "note": typed.note,
        "consented": None if verdict.errors else typed.consented,
    }
    wizard.draft.data = DraftData.model_validate(storable(wizard.data.model_dump(mode="json") | changed))


@dataclass(frozen=True)
class Filled:
    """The form as it stands, by whom it is filled in, and what is wrong with it."""

    typed: Typed
    account: Account
    faults: tuple[FieldError, ...]


def _shown(
    wizard: WizardPage, directory: Directory, visit: Visit, filled: Filled, opened: Opened | None = None
) -> HTMLResponse:
    faults, applicant, own = filled.faults, filled.typed.applicant, filled.account.organisations
    parts = _parts(wizard, directory, visit, faults, opened or {})
    settings: Settings = wizard.request.app.state.settings
    notice = operator_of(settings).filled(notice_in_force(visit.today))
    context = {
        "parts": parts,
        "errors": _summary(faults, parts),
        "faults": {fault.field: fault.sentence() for fault in reversed(faults)},
        "cells": cell_faults(faults),
        "address": wizard.path(Step.DETAILS),
        "labels": LABELS,
        "applicant": applicant,
        "organisations": [(str(each.id), each.name, each.uscc) for each in own],
        "chosen": chosen(applicant, filled.account),
        "doubted": any(fault.code == UsccProblem.CHECK_DIGIT for fault in faults) and ASK_STAFF,
        "consented": filled.typed.consented == visit.consent_version,
        "notice": notice,
        "sms": settings.mail.sms_url is not None,
        "notice_blocks": blocks(tr(notice, "text")),
    }
    status = UNPROCESSABLE if faults else 200
    return wizard.show("booking/details.html", Step.DETAILS, context, status_code=status)


def _parts(
    wizard: WizardPage, directory: Directory, visit: Visit, faults: tuple[FieldError, ...], opened: Opened
) -> list[Mapping[str, Any]]:
    """Each service with its questions, those that need an answer first, and what the law says of it."""
    counties = [(division.adcode, tr(division, "name")) for division in directory.atlas.divisions]
    parts: list[Mapping[str, Any]] = []
    in_cells = cell_faults(faults)
    for n, service in enumerate(visit.services):
        table, common = wizard.data.tables.get(service.code, ""), wizard.data.answers.get(service.code, {})
        asked = questions(n, service, wizard.data.answers.get(service.code), visit, counties)
        part = {
            "service": service,
            "n": n,
            "several": takes_table(service),
            "table": table,
            "grid": _grid(service, visit, Around(n, common, counties, in_cells), table, opened.get(n, ())),
            "mark": mark_of(table),
            "columns": [(tr(each, "label"), each.required) for each in columns(visit.asked(service))],
            "needed": [question for question in asked if question.required],
            "more": [question for question in asked if not question.required],
            "mandatory": mandatory_by_use(service, visit.use),
            "designation": needs_designation(service, visit.use),
        }
        parts.append(part)
    return parts


def _grid(service: ServiceInfo, visit: Visit, around: Around, table: str, opened: Collection[int]) -> Grid | None:
    return grid(visit.asked(service), table, around, opened) if table or opened else None


def _summary(faults: tuple[FieldError, ...], parts: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The faults for the top of the page; a sentence that doesn't say what it is about gets its question before it."""
    asked: list[Question] = [question for part in parts for question in (*part["needed"], *part["more"])]
    labels = {question.name: question.label for question in asked}

    def line(fault: FieldError) -> str:
        about = labels.get(fault.field) or (str(LABELS.get(fault.field, "")) if fault.code.startswith("text_") else "")
        return _("{label}: {sentence}").format(label=about, sentence=fault.sentence()) if about else fault.sentence()

    lines = [(fault.field, line(fault)) for fault in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        more = _("And {count} more. Please mend these first.").format(count=len(faults) - MOST_FAULTS)
        lines.append((faults[MOST_FAULTS].field, more))
    return lines


@router.get("/book/{draft}/template.csv")
async def template(wizard: Wizard, directory: CurrentDirectory, service: str) -> Response:
    """An empty table for the instruments of a service: its columns in the language of the page, one row to fill in."""
    wizard.guard(Step.DETAILS)
    visit = visit_of(wizard.data, wizard.catalogue, directory.atlas, wizard.now)
    found = next((each for each in visit.services if each.code == service), None)
    if found is None or not takes_table(found):
        raise Elsewhere(wizard.path(Step.DETAILS))
    content = write_sheet(columns(visit.asked(found)), [{}]).encode("utf-8-sig")
    named = {"Content-Disposition": f'attachment; filename="{found.code}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=named)
