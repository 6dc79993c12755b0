"""Reading what was handed in: a file with its numbers, and what is wrong with it row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.ledger.errors import ImportUnknown
from app.ledger.files.words import fault_words
from app.ledger.models import InstrumentImport, InstrumentImportRow
from app.ledger.words import label


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with a row, in the words of the moment."""

    line: int
    field: str
    column: str
    what: str


async def find(session: AsyncSession, organisation_id: UUID, import_id: UUID) -> InstrumentImport:
    """Raises ImportUnknown."""
    mine = InstrumentImport.id == import_id, InstrumentImport.organisation_id == organisation_id
    found = await session.scalar(select(InstrumentImport).where(*mine))
    if found is None:
        raise ImportUnknown
    return found


async def wrong(session: AsyncSession, import_id: UUID, most: int | None = None) -> Sequence[Wrong]:
    """What is wrong with its rows, in their order: all of at most so many rows."""
    rows = await session.execute(
        select(InstrumentImportRow.line, InstrumentImportRow.faults)
        .where(InstrumentImportRow.import_id == import_id, InstrumentImportRow.bad)
        .order_by(InstrumentImportRow.line)
        .limit(most)
    )
    return [
        Wrong(line, fault["field"], label(fault["field"]), fault_words(fault))
        for line, faults in rows
        for fault in faults
    ]
