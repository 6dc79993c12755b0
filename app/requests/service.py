"""Making, moving and cancelling requests.

A submission is hot: what is held is read for all who ask in the same moment, and one statement in a transaction of
its own books the place and writes the request (statements.SUBMIT). Changes are rare and go through a session.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import update

from app.accounts.queries.notice import notice_in_force
from app.catalogue.rules import Use
from app.catalogue.snapshot import CatalogueStore
from app.kit import ids
from app.kit.batch import Batcher
from app.kit.clock import LOCAL, local_date
from app.kit.db import Database, WriteSession, once_more, violated
from app.kit.problems import FieldError, Invalid
from app.requests.errors import AppointmentPast, RequestCancelled
from app.requests.idempotency import Kept, Key, look_up
from app.requests.intake import CANNOT, Accepted, Circle, Held, Submission, examine, may_do, regions, use_of
from app.requests.models import Request, RequestEvent, RequestItem
from app.requests.queries import RequestView, Summary, by_id, place, summary
from app.requests.rules import REFERENCE_PREFIX, STEPS, Action, State, possible, roll_up
from app.requests.statements import HELD, SUBMIT
from app.routing.rules import Check
from app.slots import service as slots
from app.slots.errors import HoldExpired, HoldMismatch, StationClosed
from app.stations.directory import DirectoryStore
from app.stations.snapshot import Network, StationFacts

ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the applicant is told: the request in short, and the code that opens it, which is derived, never stored."""

    access_code: str
    answer: Summary


class Submissions:
    """Making requests of holds. One for each process."""

    def __init__(
        self, database: Database, directories: DirectoryStore, catalogues: CatalogueStore, secret_key: bytes
    ) -> None:
        self._database = database
        self._directories = directories
        self._catalogues = catalogues
        self._secret_key = secret_key
        self._held: Batcher[UUID, tuple[bytes, Held] | None] = Batcher(self._load)

    async def submit(self, submission: Submission, key: Key | None, now: datetime) -> Receipt:
        """Make the request, or find the one that was made under this key before.

        Raises Invalid with every field at fault; HoldUnknown, HoldExpired, HoldUsed, StationClosed; and
        IdempotencyKeyReused.
        """
        if before := await look_up(self._database, key, now):
            return self._again(before)
        # Asked at the same moment: two statements, which other submissions of this moment share.
        held, directory, catalogue = await asyncio.gather(
            self._held.get(submission.hold_id), self._directories.current(), self._catalogues.current()
        )
        if held is None or not ids.matches(submission.hold_token, held[0]):
            return await self._refused(submission, key, now)
        notice = notice_in_force(local_date(now))
        circle = Circle(directory.network, catalogue, regions(directory.atlas), notice.version)
        accepted = examine(submission, held[1], circle, now)
        for _attempt in range(ATTEMPTS):
            try:
                return await self._attempt(submission, held[1], accepted, key, now)
            except psycopg.errors.UniqueViolation as error:
                if violated(error) not in RACED:
                    raise
                if before := await look_up(self._database, key, now):
                    return self._again(before)
        return await self._refused(submission, key, now)

    async def _attempt(
        self, submission: Submission, held: Held, accepted: Accepted, key: Key | None, now: datetime
    ) -> Receipt:
        """One statement. A closure entered at this moment, or a desk just taken out of use, has the last word."""
        request_id = ids.new_id()
        code = ids.access_code(self._secret_key, request_id)
        answer = summary(
            ids.new_reference(REFERENCE_PREFIX),
            [(n, service.code, State.SUBMITTED) for n, (service, _answers) in enumerate(accepted.items, start=1)],
            status=State.SUBMITTED,
            place=place(accepted.station.code, held.start, held.end),
        )
        values: Any = {  # psycopg fills named places from a mapping
            **_rows(submission, accepted, answer, now),
            **_under(key, answer),
            "id": submission.hold_id,
            "token_hash": ids.hash_secret(submission.hold_token),
            "request_id": request_id,
            "access_hash": ids.hash_secret(code, self._secret_key),
        }
        try:
            made = await once_more(lambda: self._database.fetch(SUBMIT, values))
        except psycopg.errors.CheckViolation as error:
            if violated(error) in slots.GUARDS:
                raise StationClosed from error
            raise
        # A connection that broke may have lost an answer; asked again, the statement finds the place booked by itself.
        if made or await self._database.fetch("SELECT 1 FROM request WHERE id = %s", (request_id,)):
            return Receipt(code, answer)
        return await self._refused(submission, key, now)

    def _again(self, before: Kept) -> Receipt:
        code = ids.access_code(self._secret_key, before.request_id)
        return Receipt(code, cast(Summary, before.answer))

    async def _refused(self, submission: Submission, key: Key | None, now: datetime) -> Receipt:
        """The answer to the same submission that was faster by a moment; else slots say what became of the hold."""
        if before := await look_up(self._database, key, now):
            return self._again(before)
        async with self._database.writer() as session:
            await slots.confirm(session, submission.hold_id, submission.hold_token, now)
        raise HoldExpired

    async def _load(self, hold_ids: Sequence[UUID]) -> Mapping[UUID, tuple[bytes, Held] | None]:
        found: dict[UUID, tuple[bytes, Held] | None] = dict.fromkeys(hold_ids)
        for hold_id, token_hash, *facts in await self._database.fetch(HELD, (list(hold_ids),)):
            found[hold_id] = token_hash, Held(*facts)
        return found


# What is in the session is read anew afterwards: the key itself may have changed.
UNSEEN = {"synchronize_session": False}
RACED = frozenset({"request_reference_key", "idempotency_pkey"})


def _rows(submission: Submission, accepted: Accepted, answer: Summary, now: datetime) -> dict[str, object]:
    """The request's own columns, its items and the first step of its timeline."""
    given, point, applicant = submission.origin, accepted.point, submission.applicant
    step = STEPS[Action.SUBMIT]
    return {
        "organisation_name": applicant.organisation_name,
        "uscc": applicant.uscc,
        "contact_name": applicant.contact_name,
        "mobile": applicant.mobile,
        "email": applicant.email,
        "reference": answer["reference"],
        "status": answer["status"],
        "use": submission.use,
        "language": submission.language,
        "lon": point and point.lon,
        "lat": point and point.lat,
        "given_lon": given and given.lon,
        "given_lat": given and given.lat,
        "crs": given and given.crs,
        "note": submission.note,
        "consent_version": submission.consent_version,
        "now": now,
        "service_ids": [service.id for service, _answers in accepted.items],
        "inputs": [orjson.dumps(answers).decode() for _service, answers in accepted.items],
        "event": step.event,
        "told": _told(start=answer["appointment"]["start"], station=accepted.station.code),
    }


def _told(**data: str) -> str:
    return orjson.dumps(data).decode()


def _under(key: Key | None, answer: Summary) -> dict[str, object]:
    """What is kept for a repetition of the same, if the caller wants to be able to repeat it."""
    return {
        "caller": key and key.caller,
        "key": key and key.key,
        "content": key and key.content,
        "answer": orjson.dumps(answer).decode(),
    }


class Changes:
    """Changing a request that was found and locked, in the session's transaction."""

    def __init__(self, session: WriteSession, network: Network, now: datetime) -> None:
        self._session = session
        self._network = network
        self._now = now

    async def reschedule(self, found: RequestView, hold_id: UUID, token: str) -> RequestView:
        """Move the appointment to another hold; until the commit the old place is kept.

        The hold is for the same services in the same way, at this station or another one that may do them. Repeated
        with the hold that it has been moved to, nothing changes. Raises RequestCancelled, AppointmentPast, Invalid
        (naming `hold_id`), HoldUnknown, HoldExpired, HoldUsed, StationClosed.
        """
        request, before = found.request, found.appointment
        if request.reservation_id == hold_id:
            return found
        self._changeable(found, Action.RESCHEDULE)
        try:
            _old, new = await slots.reschedule(self._session, request.reservation_id, hold_id, token, self._now)
        except HoldMismatch:
            raise HoldMismatch(field="hold_id") from None
        station = self._network.station_by_id[new.station_id]
        self._may_do(station, found, local_date(new.start))
        told = {
            "old_start": before.start.astimezone(LOCAL).isoformat(),
            "old_station": before.station.code,
            "start": new.start.isoformat(),
            "station": station.code,
        }
        moved = {"station_id": new.station_id, "reservation_id": new.id}
        return await self._write(found, Action.RESCHEDULE, moved, told)

    async def cancel(self, found: RequestView, reason: str | None) -> RequestView:
        """Cancel the request; its place is offered again with the commit.

        Raises RequestCancelled, AppointmentPast, NotBooked.
        """
        self._changeable(found, Action.CANCEL)
        await slots.cancel(self._session, found.request.reservation_id, self._now)
        step = STEPS[Action.CANCEL]
        after = {item.n: step.leads_from(State(item.status)) for item in found.items}
        for n, state in after.items():
            mine = RequestItem.request_id == found.request.id, RequestItem.n == n
            await self._session.execute(update(RequestItem).where(*mine).values(status=state), execution_options=UNSEEN)
        told = {"reason": reason} if reason else {}
        return await self._write(found, Action.CANCEL, {"status": roll_up(after.values())}, told)

    def _changeable(self, found: RequestView, action: Action) -> None:
        if not possible(action, State(found.request.status)):
            raise RequestCancelled
        if found.appointment.start <= self._now:
            raise AppointmentPast

    def _may_do(self, station: StationFacts, found: RequestView, day: date) -> None:
        request = found.request
        whole = Use(request.use) if request.use else None
        for item in found.items:
            use = use_of(whole, item.inputs)
            check = may_do(self._network, station, item.service, mode=request.mode, day=day, use=use)
            if check is not Check.PASSED:
                raise Invalid(errors=[FieldError("hold_id", check.reason, CANNOT[check].msgid)])

    async def _write(
        self, found: RequestView, action: Action, values: Mapping[str, object], told: Mapping[str, str]
    ) -> RequestView:
        """What has changed, with its step of the timeline; calendars learn of it by the sequence."""
        request = found.request
        changed = {"calendar_sequence": Request.calendar_sequence + 1, "changed_at": self._now, **values}
        await self._session.execute(
            update(Request).where(Request.id == request.id).values(changed), execution_options=UNSEEN
        )
        event = RequestEvent(
            request_id=request.id,
            station_id=values.get("station_id", request.station_id),
            n=len(found.timeline) + 1,
            at=self._now,
            kind=STEPS[action].event,
            data=told,
        )
        self._session.add(event)
        await self._session.flush()
        self._session.expunge_all()
        return await by_id(self._session, self._network, request.id)
