"""Reading results and documents back, for the people of a request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.files.models import StoredFile
from app.requests.rules import Event
from app.results.errors import DocumentUnknown
from app.results.models import IssuedDocument, Result
from app.results.rules import Standing

# An item that was passed on alone has its first document where it came from, under the number that it had there.
WITHDRAWN_ELSEWHERE = text("""
    WITH RECURSIVE origin (request_id, n, split_from) AS (
        SELECT id, CAST(:n AS int), split_from FROM request WHERE id = :request_id
        UNION ALL
        SELECT came.id, CAST((string_to_array(event.data ->> 'of_items', ', '))[origin.n] AS int), came.split_from
        FROM origin JOIN request came ON came.reference = origin.split_from
        JOIN request_event event ON event.request_id = origin.request_id AND event.kind = :split_off
    )
    SELECT document.id, document.number FROM issued_document document JOIN origin USING (request_id, n)
    WHERE document.request_id <> :request_id AND document.withdrawn_at IS NOT NULL
    ORDER BY document.withdrawn_at DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of an item: every attempt, and every version of every document, oldest first."""

    results: tuple[Result, ...] = ()
    documents: tuple[IssuedDocument, ...] = ()

    @property
    def last(self) -> Result | None:
        """The attempt that counts."""
        return self.results[-1] if self.results else None

    @property
    def in_force(self) -> IssuedDocument | None:
        """The document that stands now, if there is one."""
        return next((each for each in self.documents if in_force(each)), None)


NOTHING = Found()


def in_force(document: IssuedDocument) -> bool:
    return document.superseded_at is None and document.withdrawn_at is None


def standing(document: IssuedDocument, today: date) -> Standing:
    """How the document stands on a day."""
    return standing_of(
        corrected=document.superseded_at is not None,
        withdrawn=document.withdrawn_at is not None,
        until=document.valid_until,
        today=today,
    )


def standing_of(*, corrected: bool, withdrawn: bool, until: date | None, today: date) -> Standing:
    if withdrawn:
        return Standing.WITHDRAWN
    if corrected:
        return Standing.CORRECTED
    return Standing.EXPIRED if until is not None and until < today else Standing.VALID


async def found_of(session: AsyncSession, request_id: UUID, n: int) -> Found:
    """What there is of one item: two statements."""
    return (await by_item(session, request_id, n)).get(n, NOTHING)


async def by_item(session: AsyncSession, request_id: UUID, n: int | None = None) -> Mapping[int, Found]:
    """What there is of each item of a request, or of one of them: two statements."""
    results = select(Result).where(Result.request_id == request_id).order_by(Result.n, Result.attempt)
    documents = select(IssuedDocument).where(IssuedDocument.request_id == request_id)
    documents = documents.order_by(IssuedDocument.n, IssuedDocument.issued_at, IssuedDocument.version)
    if n is not None:
        results, documents = results.where(Result.n == n), documents.where(IssuedDocument.n == n)
    every = (await session.scalars(results)).all()
    issued = (await session.scalars(documents)).all()
    numbers = {each.n for each in every} | {each.n for each in issued}
    return {
        number: Found(
            tuple(each for each in every if each.n == number), tuple(each for each in issued if each.n == number)
        )
        for number in sorted(numbers)
    }


async def document_of(session: AsyncSession, request_id: UUID, number: str, version: int) -> IssuedDocument:
    """A version of a document of this request. Raises DocumentUnknown."""
    found: IssuedDocument | None = await session.scalar(
        select(IssuedDocument).where(
            IssuedDocument.request_id == request_id,
            IssuedDocument.number == number,
            IssuedDocument.version == version,
        )
    )
    if found is None:
        raise DocumentUnknown
    return found


async def withdrawn_elsewhere(session: AsyncSession, request_id: UUID, n: int) -> tuple[UUID, str] | None:
    """The id and number of the last document of an item that was withdrawn before the item was passed on alone."""
    values = {"request_id": request_id, "n": n, "split_off": Event.SPLIT_OFF.value}
    found = (await session.execute(WITHDRAWN_ELSEWHERE, values)).one_or_none()
    return (found.id, str(found.number)) if found else None


async def replaced_number(session: AsyncSession, document: IssuedDocument) -> str:
    """The number of the withdrawn document in whose place this one is; empty when there is none."""
    if document.replaces is None:
        return ""
    number = await session.scalar(select(IssuedDocument.number).where(IssuedDocument.id == document.replaces))
    return str(number)


async def files_of(session: AsyncSession, results: Iterable[Result]) -> Mapping[UUID, StoredFile]:
    """The report files of these results that are still kept, by their ids."""
    wanted = [each.file_id for each in results if each.file_id]
    if not wanted:
        return {}
    found = await session.scalars(select(StoredFile).where(StoredFile.id.in_(wanted), StoredFile.deleted_at.is_(None)))
    return {each.id: each for each in found}


async def names(session: AsyncSession, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """The names of staff; who has closed the account isn't among them."""
    wanted: Sequence[UUID] = [each for each in set(ids) if each is not None]
    if not wanted:
        return {}
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in rows}
