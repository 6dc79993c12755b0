"""Files of instruments: kept to be looked at, then taken in as a whole or not at all.

What a row is, is found again when it is taken in, behind the organisation's lock: of two files at once the second one
finds what the first has added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import joined, person_of
from app.audit.service import Object, record
from app.catalogue.snapshot import Catalogue
from app.kit.ids import new_id
from app.ledger.derived import SAID, derived, said
from app.ledger.errors import ImportTaken, ImportUnknown
from app.ledger.files.checking import Checked, stored
from app.ledger.files.matching import Known, Matching, Plan, Update
from app.ledger.fitting import fitting
from app.ledger.intervals import Intervals, intervals
from app.ledger.models import Instrument, InstrumentImport, InstrumentImportRow
from app.ledger.service.keeping import OF_CERTIFICATE, room_for

COPY: LiteralString = "COPY instrument_import_row (import_id, line, bad, values, faults) FROM STDIN"
DAYS = ("last_cert_date", "valid_until")
INSERT = text("""
    INSERT INTO instrument
    SELECT new.* FROM jsonb_populate_recordset(CAST(NULL AS instrument), CAST(:rows AS jsonb)) new
""")
CHANGED = (*SAID, "due_on", "due_from", "serial_key", "identity_key", "words")
UPDATE = text(f"""
    UPDATE instrument SET ({", ".join(CHANGED)}) = ({", ".join(f"new.{name}" for name in CHANGED)}),
        version = instrument.version + 1, changed_at = :now,
        last_cert_version = CASE WHEN new.version = 1 THEN NULL ELSE instrument.last_cert_version END,
        failed_on = CASE WHEN new.version = 1 THEN NULL ELSE instrument.failed_on END
    FROM jsonb_populate_recordset(CAST(NULL AS instrument), CAST(:rows AS jsonb)) new
    WHERE instrument.id = new.id AND instrument.organisation_id = :organisation
""")  # noqa: S608 - put together from our own words
EVENTS = text("""
    INSERT INTO instrument_event SELECT new.*
    FROM jsonb_populate_recordset(CAST(NULL AS instrument_event), CAST(:rows AS jsonb)) new
""")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: instruments added and changed, rows that said nothing new, rows left out."""

    added: int
    changed: int
    same: int
    left_out: int


class Imports:
    """Files of an organisation in somebody's hands."""

    def __init__(
        self, session: AsyncSession, caller: Caller, organisation_id: UUID, catalogue: Catalogue, now: datetime
    ) -> None:
        self._session = session
        self._caller = caller
        self._organisation_id = organisation_id
        self._catalogue = catalogue
        self._now = now

    async def hand_in(self, checked: Checked) -> InstrumentImport:
        """Keep a file's rows to be looked at; what the same person has handed in before and not taken in goes.

        Raises NotFound who isn't of the organisation.
        """
        await joined(self._session, self._caller, self._organisation_id)
        mine = InstrumentImport.organisation_id == self._organisation_id, InstrumentImport.taken_at.is_(None)
        await self._session.execute(
            delete(InstrumentImport).where(*mine, InstrumentImport.created_by == self._caller.person_id)
        )
        good = [(row.line, row.values) for row in checked.rows if not row.faults]
        plan = await self._plan(good)
        bad = len(checked.rows) - len(good) + len(plan.refused)
        made = InstrumentImport(
            id=new_id(),
            organisation_id=self._organisation_id,
            created_by=person_of(self._caller),
            created_at=self._now,
            columns=list(checked.columns),
            told=_told(plan, checked, bad),
        )
        self._session.add(made)
        await self._session.flush()
        await self._copy(made.id, checked, plan.refused)
        return made

    async def _copy(self, import_id: UUID, checked: Checked, refused: Mapping[int, str]) -> None:
        raw = await (await self._session.connection()).get_raw_connection()
        connection: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]  # psycopg's
        async with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in checked.rows:
                faults = stored(row)
                if row.line in refused:
                    faults.append({"field": "serial_no", "code": refused[row.line], "data": {}})
                cells = orjson.dumps(row.values).decode(), orjson.dumps(faults).decode()
                await copy.write_row((import_id, row.line, bool(faults), *cells))

    async def take_in(self, import_id: UUID) -> Taken:
        """All rows without faults, in one transaction. Raises NotFound, ImportUnknown, ImportTaken, LedgerFull."""
        await joined(self._session, self._caller, self._organisation_id)
        months = await intervals(self._session)
        found = await self._found(import_id, lock=True)
        rows = await self._session.execute(
            select(InstrumentImportRow.line, InstrumentImportRow.values)
            .where(InstrumentImportRow.import_id == import_id, ~InstrumentImportRow.bad)
            .order_by(InstrumentImportRow.line)
        )
        good = [(line, values) for line, values in rows]
        if found.taken_at is not None or not good:
            raise ImportTaken
        plan = await self._plan(good)
        await room_for(self._session, self._organisation_id, len(plan.new))
        await self._write(plan, months)
        taken = Taken(len(plan.new), len(plan.changed), plan.same, found.told["bad"] + len(plan.refused))
        counts = {name: getattr(taken, name) for name in Taken.__slots__}
        found.taken_at, found.told = self._now, found.told | {"taken": counts}
        await self._session.flush()
        on = Object("instruments", str(found.id), organisation_id=self._organisation_id)
        await record(self._session, self._caller.actor, "instruments.imported", on, at=self._now, after=counts)
        return taken

    async def forget(self, import_id: UUID) -> None:
        """Nothing of it was taken in. Raises NotFound, ImportUnknown, ImportTaken."""
        await joined(self._session, self._caller, self._organisation_id)
        found = await self._found(import_id, lock=True)
        if found.taken_at is not None:
            raise ImportTaken
        await self._session.delete(found)

    async def _found(self, import_id: UUID, *, lock: bool = False) -> InstrumentImport:
        mine = InstrumentImport.id == import_id, InstrumentImport.organisation_id == self._organisation_id
        wanted = select(InstrumentImport).where(*mine)
        found = await self._session.scalar(wanted.with_for_update() if lock else wanted)
        if found is None:
            raise ImportUnknown
        return found

    async def _plan(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Plan:
        columns = [getattr(Instrument, name) for name in SAID]
        kept = await self._session.execute(
            select(
                Instrument.id, Instrument.serial_key, Instrument.identity_key, Instrument.retired_at, *columns
            ).where(Instrument.organisation_id == self._organisation_id)
        )
        known = [
            Known(key, dict(zip(SAID, values, strict=True)), serial, identity, retired is not None)
            for key, serial, identity, retired, *values in kept
        ]
        return Matching(known).plan((line, said(_dated(values), self._catalogue)) for line, values in rows)

    async def _write(self, plan: Plan, months: Intervals) -> None:
        new = [self._made(values, months) for _line, values in plan.new]
        changed = [self._changed(update, months) for _line, update in plan.changed]
        if new:
            await self._session.execute(INSERT, {"rows": _json(new)})
        if changed:
            values = {"rows": _json(changed), "now": self._now, "organisation": self._organisation_id}
            await self._session.execute(UPDATE, values)
        steps = [self._step(row["id"], "imported", {}) for row in new] + [
            self._step(update.known.id, "updated", {"fields": update.differs}) for _line, update in plan.changed
        ]
        if steps:
            await self._session.execute(EVENTS, {"rows": _json(steps)})

    def _made(self, values: Mapping[str, Any], months: Intervals) -> dict[str, Any]:
        """A whole row; the service that fits its name where the file says none."""
        kept = dict.fromkeys(SAID) | {"quantity": 1} | dict(values)
        if not kept["service_id"]:
            kept |= said({"service_code": fitting(self._catalogue, kept)["service_code"]}, self._catalogue)
        own = {"id": new_id(), "organisation_id": self._organisation_id, "version": 1}
        return kept | own | derived(kept, months) | {"created_at": self._now, "changed_at": self._now}

    def _changed(self, update: Update, months: Intervals) -> dict[str, Any]:
        """`version` 1 says that what was typed replaces a certificate of ours."""
        typed = bool(OF_CERTIFICATE & update.differs.keys())
        return {"id": update.known.id, **update.after, **derived(update.after, months), "version": int(typed)}

    def _step(self, instrument_id: UUID, kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
        whose = {"instrument_id": instrument_id, "person_id": self._caller.person_id}
        return {"id": new_id(), **whose, "at": self._now, "kind": kind, "data": data}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


def _dated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with days again, which are kept as texts."""
    return {key: date.fromisoformat(value) if key in DAYS and value else value for key, value in values.items()}


def _told(plan: Plan, checked: Checked, bad: int) -> dict[str, Any]:
    """The numbers of a file as it was looked at."""
    return {
        "rows": len(checked.rows),
        "new": len(plan.new),
        "changed": len(plan.changed),
        "same": plan.same,
        "bad": bad,
        "ignored": list(checked.ignored),
    }
