"""One instrument: added, changed, put out of use and to use again. A change names the version that it was made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.accounts.service.organisations import joined
from app.audit.service import Object, record
from app.catalogue.snapshot import Catalogue
from app.kit.db import violated
from app.kit.ids import new_id
from app.ledger.derived import SAID, changes, derived, said
from app.ledger.errors import InstrumentChanged, InstrumentRetired, InstrumentTwice, InstrumentUnknown, LedgerFull
from app.ledger.fitting import fitting
from app.ledger.intervals import intervals
from app.ledger.models import Instrument, InstrumentEvent

MOST_INSTRUMENTS = 50_000
IDENTITY = "instrument_identity_key"
OF_CERTIFICATE = frozenset({"last_cert_no", "last_cert_date", "valid_until"})


class Ledger:
    """An organisation's ledger in somebody's hands. `catalogue` gives the services that fit."""

    def __init__(
        self, session: AsyncSession, caller: Caller, organisation_id: UUID, catalogue: Catalogue, now: datetime
    ) -> None:
        self._session = session
        self._caller = caller
        self._organisation_id = organisation_id
        self._catalogue = catalogue
        self._now = now

    async def add(self, values: Mapping[str, Any]) -> Instrument:
        """A new instrument of clean values; its service is the one that fits, unless one is said.

        Raises NotFound who isn't of the organisation, InstrumentTwice, LedgerFull.
        """
        await joined(self._session, self._caller, self._organisation_id)
        await room_for(self._session, self._organisation_id, 1)
        months = await intervals(self._session)
        kept = dict.fromkeys(SAID) | said(fitting(self._catalogue, values), self._catalogue)
        made = Instrument(
            id=new_id(),
            organisation_id=self._organisation_id,
            version=1,
            created_at=self._now,
            changed_at=self._now,
            **kept,
            **derived(kept, months),
        )
        await self._write(made)
        await self._tell(made, "added")
        return made

    async def change(self, instrument_id: UUID, version: int, values: Mapping[str, Any]) -> Instrument:
        """Other values; keys that aren't there stay as they are.

        Raises NotFound, InstrumentUnknown, InstrumentChanged, InstrumentTwice.
        """
        months = await intervals(self._session)
        found = await self._taken(instrument_id, version)
        before = {key: getattr(found, key) for key in SAID}
        given = said(values, self._catalogue)
        differs = changes(before, given)
        if not differs:
            return found
        for key, value in (given | derived(before | given, months)).items():
            setattr(found, key, value)
        if OF_CERTIFICATE & differs.keys():  # what somebody typed is no certificate of ours
            found.last_cert_version = found.failed_on = None
        self._touch(found)
        await self._write(found)
        await self._tell(found, "changed", {"fields": differs})
        return found

    async def retire(self, instrument_id: UUID, version: int, reason: str) -> Instrument:
        """Out of use from now on: it isn't due any more, and its history stays.

        Raises NotFound, InstrumentUnknown, InstrumentChanged, InstrumentRetired.
        """
        found = await self._taken(instrument_id, version)
        if found.retired_at is not None:
            raise InstrumentRetired
        found.retired_at, found.retired_reason = self._now, reason or None
        self._touch(found)
        await self._session.flush()
        await self._tell(found, "retired", {"reason": reason} if reason else {})
        return found

    async def restore(self, instrument_id: UUID, version: int) -> Instrument:
        """To use again; one that is in use stays so.

        Raises NotFound, InstrumentUnknown, InstrumentChanged, InstrumentTwice.
        """
        found = await self._taken(instrument_id, version)
        if found.retired_at is None:
            return found
        found.retired_at = found.retired_reason = None
        self._touch(found)
        await self._write(found)
        await self._tell(found, "restored")
        return found

    async def _taken(self, instrument_id: UUID, version: int) -> Instrument:
        """The instrument, locked, as it is now."""
        await joined(self._session, self._caller, self._organisation_id)
        mine = Instrument.id == instrument_id, Instrument.organisation_id == self._organisation_id
        locked = select(Instrument).where(*mine).with_for_update().execution_options(populate_existing=True)
        found = await self._session.scalar(locked)
        if found is None:
            raise InstrumentUnknown
        if found.version != version:
            raise InstrumentChanged(version=found.version)
        return found

    def _touch(self, found: Instrument) -> None:
        found.version += 1
        found.changed_at = self._now

    async def _write(self, made: Instrument) -> None:
        try:
            async with self._session.begin_nested():
                self._session.add(made)
        except IntegrityError as error:
            if violated(error) == IDENTITY:
                raise InstrumentTwice from error
            raise

    async def _tell(self, about: Instrument, kind: str, data: Mapping[str, Any] | None = None) -> None:
        """A step of its history, and the entry of the record."""
        data = dict(data or {})
        step = InstrumentEvent(
            id=new_id(), instrument_id=about.id, at=self._now, kind=kind, data=data, person_id=self._caller.person_id
        )
        self._session.add(step)
        await self._session.flush()
        on = Object("instrument", str(about.id), organisation_id=about.organisation_id)
        pairs = data.get("fields", {})
        await record(
            self._session,
            self._caller.actor,
            f"instrument.{kind}",
            on,
            at=self._now,
            before={key: pair[0] for key, pair in pairs.items()} or None,
            after={key: pair[1] for key, pair in pairs.items()} or None,
            reason=data.get("reason", ""),
        )


async def room_for(session: AsyncSession, organisation_id: UUID, more: int) -> None:
    """Raises LedgerFull when there is none for so many more."""
    there = await session.scalar(select(func.count()).where(Instrument.organisation_id == organisation_id)) or 0
    if there + more > MOST_INSTRUMENTS:
        raise LedgerFull(most=MOST_INSTRUMENTS)
