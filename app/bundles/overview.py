"""Bundles as rows of an organisation's overview."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bundles.following import What, in_short
from app.bundles.queries import BundleView, of_organisation
from app.bundles.rules import StepState
from app.bundles.words import next_words, package_name
from app.stations.snapshot import Network

MOST = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A bundle in short; `waits`: a station waits for the enterprise."""

    reference: str
    name: str
    next: str
    done: int
    total: int
    finished: bool
    waits: bool


async def overview(session: AsyncSession, network: Network, organisation_id: UUID) -> list[Row]:
    """The newest bundles of an organisation, those that aren't over first."""
    found = [row_of(view) for view in await of_organisation(session, network, organisation_id, MOST)]
    return sorted(found, key=lambda row: row.finished)


def row_of(view: BundleView) -> Row:
    following = in_short(view)
    return Row(
        view.bundle.reference,
        package_name(view.bundle.package),
        next_words(following),
        len(view.among(StepState.DONE)),
        len(view.steps) - len(view.among(StepState.LEFT_OUT)),
        view.finished,
        following.what is What.ANSWER,
    )
