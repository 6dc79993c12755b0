"""Entering what was found, and looking at it a second time: the steps before a document is issued.

Whoever calls has found and locked the request. Own rows are written first: a step of the request empties the session.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.catalogue.snapshot import ServiceInfo
from app.files.models import StoredFile
from app.files.rules import Owner
from app.files.service import UploadLike
from app.files.service import keep as keep_file
from app.files.store import FileStore
from app.kit.clock import local_date
from app.kit.db import WriteSession, violated
from app.kit.ids import new_id
from app.kit.problems import Invalid
from app.requests.errors import InvalidTransition, ItemUnknown
from app.requests.queries import Item, RequestView
from app.requests.rules import Action, Party
from app.requests.service import Changes
from app.requests.service.planning import Given
from app.results.errors import OwnResult, ResultChanged, ResultUnknown
from app.results.models import Result
from app.results.queries import Found, found_of
from app.results.rules import Finding, Setting, judge, table_for

PURPOSE = "result"
FOUR_EYES = "result_four_eyes_check"


@dataclass(frozen=True, slots=True)
class At:
    """An item of a request that was found and locked, with who acts on it and when; `by` is a person of the staff."""

    session: WriteSession
    changes: Changes
    view: RequestView
    n: int
    by: UUID | None
    now: datetime

    @property
    def item(self) -> Item:
        """Raises ItemUnknown."""
        for each in self.view.items:
            if each.n == self.n:
                return each
        raise ItemUnknown

    def may(self, action: Action) -> UUID:
        """Who acts, if the item can take the step now. Raises InvalidTransition, also for whoever is no staff."""
        step = self.item.step(action, Party.STATION, booked=self.view.booked)
        if step is None or self.by is None:
            raise InvalidTransition(action=action.value, item=self.n, state=self.item.status)
        return self.by

    async def found(self) -> Found:
        return await found_of(self.session, self.view.request.id, self.n)

    async def act(self, action: Action, given: Given) -> RequestView:
        return await self.changes.act(self.view, action, given, items={self.n})


async def report(at: At, store: FileStore, upload: UploadLike, action: Action) -> StoredFile:
    """Keep the report file that comes with what was found. Raises InvalidTransition, Invalid (naming `file`)."""
    by = at.may(action)
    owner = Owner("result", str(at.view.request.id))
    return await keep_file(at.session, store, upload, purpose=PURPOSE, owner=owner, by=by, at=at.now)


async def enter(
    at: At, service: ServiceInfo, finding: Finding, *, file: StoredFile | None = None, given: Given
) -> RequestView:
    """Keep what was found; the item waits for somebody else's look. Raises InvalidTransition, Invalid by field."""
    by = at.may(Action.RECORD_RESULT)
    found = await at.found()
    corrects = found.last.corrects if found.last and found.in_force else None  # a correction that was sent back
    await _keep(at, service, finding, by=by, file=file, corrects=corrects)
    return await at.act(Action.RECORD_RESULT, given)


async def correct(
    at: At, service: ServiceInfo, finding: Finding, *, file: StoredFile | None = None, given: Given
) -> RequestView:
    """The same for a document that was issued and has a slip: its next version, once somebody else has verified it.

    The document stands until then. Raises InvalidTransition, Invalid by field (`reason` too).
    """
    by = at.may(Action.CORRECT_RESULT)
    in_force = (await at.found()).in_force
    if in_force is None:
        raise InvalidTransition(action=Action.CORRECT_RESULT.value, item=at.n, state=at.item.status)
    number = in_force.number
    await _keep(at, service, finding, by=by, file=file, corrects=given.reason or None)
    return await at.act(Action.CORRECT_RESULT, told_too(given, number=number))


async def verify(at: At, attempt: int | None, given: Given) -> RequestView:
    """Say that the result is right; `attempt` is the one that was looked at, where the caller says so.

    Raises InvalidTransition, ResultUnknown, ResultChanged, OwnResult.
    """
    by = at.may(Action.VERIFY)
    result = await _looked_at(at, attempt)
    if result.entered_by == by:
        raise OwnResult
    result.verified_by, result.verified_at = by, at.now
    try:
        await at.session.flush()
    except IntegrityError as error:
        if violated(error) == FOUR_EYES:
            raise OwnResult from error
        raise
    return await at.act(Action.VERIFY, given)


async def refuse(at: At, attempt: int | None, given: Given) -> RequestView:
    """Send it back with a reason, which stays among the staff. Raises the same without OwnResult, Invalid."""
    by = at.may(Action.REFUSE_RESULT)
    result = await _looked_at(at, attempt)
    result.refused_by, result.refused_at, result.refused_because = by, at.now, given.reason or None
    await at.session.flush()
    return await at.act(Action.REFUSE_RESULT, given)


async def _looked_at(at: At, attempt: int | None) -> Result:
    result = (await at.found()).last
    if result is None:
        raise ResultUnknown
    if attempt is not None and attempt != result.attempt:
        raise ResultChanged
    return result


async def _keep(
    at: At, service: ServiceInfo, finding: Finding, *, by: UUID, file: StoredFile | None, corrects: str | None
) -> None:
    item, request = at.item, at.view.request
    kind = item.service.result
    if kind is None:
        raise InvalidTransition(action=Action.RECORD_RESULT.value, item=at.n, state=item.status)
    asked_on = local_date(request.created_at)
    setting = Setting(kind, table_for(kind, service.name_zh), service.validity_months, asked_on, local_date(at.now))
    judged, errors = judge(finding, setting)
    if errors:
        raise Invalid(errors=errors)
    last = (await at.found()).last
    row: dict[str, Any] = {"passed": judged.passed, "valid_until": judged.valid_until, "measured": judged.table}
    at.session.add(
        Result(
            id=new_id(),
            request_id=request.id,
            station_id=request.station_id,
            n=at.n,
            attempt=(last.attempt if last else 0) + 1,
            service_id=item.service.id,
            kind=kind.value,
            done_on=finding.done_on,
            notes=judged.notes,
            inputs=dict(item.inputs),
            file_id=file.id if file else None,
            corrects=corrects,
            entered_by=by,
            entered_at=at.now,
            **row,
        )
    )
    await at.session.flush()


def told_too(given: Given, **told: str) -> Given:
    """The same with more that the timeline keeps."""
    return Given(given.reason, given.late_reason, given.faults, given.inputs, given.reason_en, {**given.told, **told})
