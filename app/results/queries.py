"""Reading results and documents back, for the people of a request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import Person
from app.results.errors import DocumentUnknown
from app.results.models import IssuedDocument, Result
from app.results.rules import Standing


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


async def replaced_number(session: AsyncSession, document: IssuedDocument) -> str:
    """The number of the withdrawn document in whose place this one is; empty when there is none."""
    if document.replaces is None:
        return ""
    number = await session.scalar(select(IssuedDocument.number).where(IssuedDocument.id == document.replaces))
    return str(number)


async def names(session: AsyncSession, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """The names of staff; who has closed the account isn't among them."""
    wanted: Sequence[UUID] = [each for each in set(ids) if each is not None]
    if not wanted:
        return {}
    rows = await session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in rows}
