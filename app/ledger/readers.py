"""Who of an organisation is written to about its ledger."""

from collections.abc import Sequence
from typing import LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MOST_PEOPLE = 20
# Who has a mail address and hasn't stopped these mails; the mark is what names the organisation.
READER: LiteralString = """
    FROM membership JOIN person ON person.id = membership.person_id
    WHERE membership.organisation_id = -- organisation
        AND person.email IS NOT NULL AND person.disabled_at IS NULL AND person.closed_at IS NULL
        AND NOT EXISTS (SELECT FROM instrument_reminder_choice choice
            WHERE choice.organisation_id = membership.organisation_id AND choice.person_id = person.id)
"""
READERS = text(
    f"""
    SELECT person.id, person.email, person.language {READER} ORDER BY membership.role DESC, membership.since, person.id
    LIMIT :most
""".replace("-- organisation", ":organisation")
)


class Reader(NamedTuple):
    """A person, where to write to, and in which language."""

    person_id: UUID
    email: str
    language: str


async def readers_of(session: AsyncSession, organisation_id: UUID) -> Sequence[Reader]:
    """Owners before delegates, at most `MOST_PEOPLE`."""
    rows = await session.execute(READERS, {"organisation": organisation_id, "most": MOST_PEOPLE})
    return [Reader(*row) for row in rows]
