"""Making requests of holds.

A submission is hot: what is held is read for all who ask in the same moment, and one statement in a transaction of
its own books the place, writes the request and puts it on record (statements.SUBMIT).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
import psycopg

from app.accounts.queries.notice import notice_in_force
from app.audit.service import Actor, Object, entry
from app.catalogue.snapshot import CatalogueStore
from app.kit import ids
from app.kit.batch import Batcher
from app.kit.clock import local_date
from app.kit.db import Database, once_more, violated
from app.notify.letters import Letterhead
from app.notify.statements import Mail, columns
from app.policy.rules import Clock
from app.policy.snapshot import Policy, PolicyStore
from app.requests.along import Along
from app.requests.codes import code_stands
from app.requests.idempotency import Kept, Key, look_up
from app.requests.intake import Accepted, Circle, Held, Submission, examine, regions
from app.requests.letters import Facts, Letters, to_applicant
from app.requests.owners import Owner, Sender, owner_of
from app.requests.queries import CONFIRMED, Appointment, Summary, place, summary
from app.requests.rules import REFERENCE_PREFIX, Deadline, Event, State, begin
from app.requests.statements import HELD, SUBMIT, submitting
from app.slots import service as slots
from app.slots.errors import HoldExpired, StationClosed
from app.stations.directory import DirectoryStore
from app.stations.rules import Calendar

ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the applicant is told: the request in short, and the code that opens it, which is derived, never stored."""

    access_code: str
    answer: Summary


@dataclass(frozen=True, slots=True)
class _Right:
    """A submission in which nothing was found wrong, by whom, whose the request will be, and when it must be answered.

    `clocks` has the deadline of each item, None where no rule gives a time.
    """

    submission: Submission
    held: Held
    accepted: Accepted
    actor: Actor
    owner: Owner
    clocks: tuple[Deadline | None, ...]
    calendar: Calendar
    letters: Letters
    along: Along | None = None


class Submissions:
    """Making requests of holds. One for each process."""

    def __init__(
        self,
        database: Database,
        directories: DirectoryStore,
        catalogues: CatalogueStore,
        policies: PolicyStore,
        secret_key: bytes,
    ) -> None:
        self._database = database
        self._directories = directories
        self._catalogues = catalogues
        self._policies = policies
        self._secret_key = secret_key
        self._held: Batcher[UUID, tuple[bytes, Held] | None] = Batcher(self._load)

    async def submit(
        self,
        submission: Submission,
        key: Key | None,
        sender: Sender,
        now: datetime,
        head: Letterhead,
        *,
        along: Along | None = None,
    ) -> Receipt:
        """Make the request, or find the one that was made under this key before; `along` is written with it.

        Raises Invalid with every field at fault; HoldUnknown, HoldExpired, HoldUsed, StationClosed; Refused; and
        IdempotencyKeyReused.
        """
        if before := await look_up(self._database, key, now):
            return self._again(before)
        # Asked at the same moment: two statements, which other submissions of this moment share.
        held, directory, catalogue, policy = await asyncio.gather(
            self._held.get(submission.hold_id),
            self._directories.current(),
            self._catalogues.current(),
            self._policies.current(),
        )
        if held is None or not ids.matches(submission.hold_token, held[0]):
            return await self._refused(submission, key, now)
        notice = notice_in_force(local_date(now))
        stands = await code_stands(self._database, submission.applicant.uscc)
        atlas = directory.atlas
        circle = Circle(directory.network, atlas, catalogue, regions(atlas), notice.version, stands)
        accepted = examine(submission, held[1], circle, now)
        owner = await owner_of(self._database, sender, submission.applicant.uscc)
        clocks = _clocks(accepted, held[1].mode, policy, now)
        letters = Letters(head, catalogue, policy)
        calendar = directory.network.calendar
        right = _Right(submission, held[1], accepted, sender.actor, owner, clocks, calendar, letters, along)
        for _attempt in range(ATTEMPTS):
            try:
                return await self._attempt(right, key, now)
            except psycopg.errors.UniqueViolation as error:
                if before := await look_up(self._database, key, now):
                    return self._again(before)
                await _say_why(along, error)
        return await self._refused(submission, key, now)

    async def _attempt(self, right: _Right, key: Key | None, now: datetime) -> Receipt:
        """One statement. A closure entered at this moment, or a desk just taken out of use, has the last word."""
        request_id = ids.new_id()
        code = ids.access_code(self._secret_key, request_id)
        answer = summary(
            ids.new_reference(REFERENCE_PREFIX),
            [(n, service.code, State.SUBMITTED) for n, (service, _answers) in enumerate(right.accepted.items, start=1)],
            status=State.SUBMITTED,
            place=place(right.accepted.station.code, right.held.start, right.held.end),
        )
        values: Any = {  # psycopg fills named places from a mapping
            **_rows(right, answer, now),
            **_recorded(right, answer, now),
            **_under(key, answer),
            **columns(_letters(right, answer["reference"], now)),
            "id": right.submission.hold_id,
            "token_hash": ids.hash_secret(right.submission.hold_token),
            "request_id": request_id,
            "access_hash": ids.hash_secret(code, self._secret_key),
            **(right.along.values if right.along else {}),
        }
        statement = submitting(right.along.parts) if right.along else SUBMIT
        try:
            made = await once_more(lambda: self._database.fetch(statement, values))
        except psycopg.errors.CheckViolation as error:
            if violated(error) in slots.GUARDS:
                raise StationClosed from error
            raise
        # A connection that broke may have lost an answer; asked again, the statement finds the place booked by itself.
        if made or await self._database.fetch("SELECT 1 FROM request WHERE id = %s", (request_id,)):
            return Receipt(code, answer)
        return await self._refused(right.submission, key, now)

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


RACED = frozenset({"request_reference_key", "idempotency_pkey"})


async def _say_why(along: Along | None, error: psycopg.errors.UniqueViolation) -> None:
    """Nothing where it is worth another look. Raises Refused, or the error again."""
    name = violated(error) or ""
    if along and name in along.refusals:
        raise await along.refusals[name]() from error
    if name not in RACED:
        raise error


def _rows(right: _Right, answer: Summary, now: datetime) -> dict[str, object]:
    """The request's own columns, its items and the first step of its timeline."""
    submission, accepted = right.submission, right.accepted
    given, point, applicant = submission.origin, accepted.point, submission.applicant
    dues = [clock and clock.due(right.calendar) for clock in right.clocks]
    due_at, provisional = min((due for due in dues if due), default=(None, False))
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
        "site": accepted.site and orjson.dumps(accepted.site.stored()).decode(),
        "consent_version": submission.consent_version,
        "organisation_id": right.owner.organisation_id,
        "person_id": right.owner.person_id,
        "now": now,
        "service_ids": [service.id for service, _answers in accepted.items],
        "inputs": [orjson.dumps(answers).decode() for _service, answers in accepted.items],
        "clocks": [orjson.dumps(clock.stored()).decode() if clock else None for clock in right.clocks],
        "dues": [due and due[0] for due in dues],
        "provisionals": [bool(due and due[1]) for due in dues],
        "due_at": due_at,
        "due_provisional": provisional,
        "event": Event.SUBMITTED,
        "told": _told(start=answer["appointment"]["start"], station=accepted.station.code),
    }


def _clocks(accepted: Accepted, mode: str, policy: Policy, now: datetime) -> tuple[Deadline | None, ...]:
    """The station owes a first answer to each item."""
    return tuple(
        begin(Clock.FIRST_ANSWER, policy.allowance(Clock.FIRST_ANSWER, service, mode, accepted.station), now)
        for service, _answers in accepted.items
    )


def _recorded(right: _Right, answer: Summary, now: datetime) -> dict[str, object]:
    """The entry of the record: what was asked for, where and when; nobody's name."""
    on = Object("request", answer["reference"], right.accepted.station.id, right.owner.organisation_id)
    after = {
        "status": answer["status"],
        "station": answer["appointment"]["station_code"],
        "start": answer["appointment"]["start"],
        "services": list(dict.fromkeys(item["service_code"] for item in answer["items"])),
        "items": len(answer["items"]),
    }
    return entry(right.actor, "request.submitted", on, at=now, after=after)


def _letters(right: _Right, reference: str, now: datetime) -> Sequence[Mail]:
    """The confirmation and the reminders, if the applicant can be told."""
    applicant, held, accepted = right.submission.applicant, right.held, right.accepted
    to = to_applicant(right.letters.head, applicant.email, applicant.mobile, right.submission.language)
    if to is None:
        return ()
    visit = Appointment(accepted.station, held.start, held.end, CONFIRMED)
    services = right.letters.catalogue.by_code
    answers = [(services[service.code], inputs) for service, inputs in accepted.items]
    facts = Facts(reference, held.mode, visit, answers, accepted.site.address if accepted.site else "")
    return right.letters.of_submission(facts, to, now)


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
