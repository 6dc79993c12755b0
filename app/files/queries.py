"""Which files there are."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.files.models import StoredFile
from app.files.rules import Owner


async def files_of(session: AsyncSession, owner: Owner) -> Sequence[StoredFile]:
    """What belongs to a thing, oldest first, without what was deleted."""
    found = await session.scalars(
        select(StoredFile)
        .where(StoredFile.owner_kind == owner.kind, StoredFile.owner_id == owner.id, StoredFile.deleted_at.is_(None))
        .order_by(StoredFile.created_at, StoredFile.id)
    )
    return found.all()


async def find_file(session: AsyncSession, file_id: UUID, owner: Owner) -> StoredFile | None:
    """One file of this owner. The owner stands in the query, so that a guessed id of another's finds nothing."""
    found = await session.scalars(
        select(StoredFile).where(
            StoredFile.id == file_id,
            StoredFile.owner_kind == owner.kind,
            StoredFile.owner_id == owner.id,
            StoredFile.deleted_at.is_(None),
        )
    )
    return found.one_or_none()
