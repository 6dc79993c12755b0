"""The links that are written along with a request, in the statement that makes it: steps and request, or neither."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from app.bundles.errors import StepTaken, StepWaits
from app.bundles.queries import BundleView, Step
from app.bundles.rules import StepState, next_number
from app.requests.along import Along, Items

RACED = "bundle_move_pkey"
# The bundle's own row is locked first, as whoever else changes it does, so that nobody waits crosswise.
PARTS: LiteralString = """, bundle_touched AS (
    UPDATE bundle SET changed_at = %(now)s FROM made WHERE bundle.id = %(bundle_id)s::uuid
    RETURNING bundle.id, made.id AS request_id, made.station_id
), bundle_booked AS (
    INSERT INTO bundle_move (bundle_id, step, n, kind, at, person_id)
    SELECT touched.id, move.step, move.n, 'booked', %(now)s, %(bundle_person)s::uuid
    FROM bundle_touched touched
    CROSS JOIN unnest(%(bundle_steps)s::text[], %(bundle_ns)s::int2[]) move (step, n)
    RETURNING step, n
), bundle_items AS (
    INSERT INTO bundle_item (bundle_id, step, n, place, request_id, station_id, item)
    SELECT touched.id, booked.step, booked.n, item.place, touched.request_id, touched.station_id, item.item
    FROM bundle_touched touched CROSS JOIN bundle_booked booked
    JOIN unnest(%(bundle_item_steps)s::text[], %(bundle_places)s::int2[], %(bundle_items)s::int2[])
        item (step, place, item) ON item.step = booked.step
)"""


def along_of(view: BundleView, items: Items, person_id: UUID | None) -> Along | None:
    """The links of a submission's items, numbered from 1, to the steps that ask for their services.

    None where no item is one of a step. Raises StepWaits, and StepTaken for a step that was booked, done or left out
    since it was chosen.
    """
    numbers: dict[str, list[int]] = {}
    for n, (code, _answers) in enumerate(items, start=1):
        numbers.setdefault(code, []).append(n)
    steps = [step for step in view.steps if step.service.code in numbers]
    if not steps:
        return None
    _require_open(steps)
    links = [(step.key, place, n) for step in steps for place, n in enumerate(numbers[step.service.code], start=1)]
    values = {
        "bundle_id": view.bundle.id,
        "bundle_person": person_id,
        "bundle_steps": [step.key for step in steps],
        "bundle_ns": [next_number(step.planned) for step in steps],
        "bundle_item_steps": [key for key, _place, _n in links],
        "bundle_places": [place for _key, place, _n in links],
        "bundle_items": [n for _key, _place, n in links],
    }
    return Along(PARTS, values, {RACED: _taken})


def _require_open(steps: Sequence[Step]) -> None:
    if any(step.state not in (StepState.WAITS, StepState.BOOKABLE) for step in steps):
        raise StepTaken
    if any(step.state is StepState.WAITS for step in steps):
        raise StepWaits


async def _taken() -> StepTaken:
    return StepTaken()
