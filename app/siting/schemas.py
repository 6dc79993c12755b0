"""What the JSON doors of plans send; what they take is `asked.PlanAsked`."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.coverage.points import Basis
from app.kit.clock import LOCAL
from app.kit.schemas import Out
from app.siting.asked import PlanAsked
from app.siting.queries import Plan
from app.siting.rules.questions import Objective
from app.siting.rules.states import Failure, Kind, Method, Source, Status

PATH = "/api/v1/coverage/plans"
Share = Annotated[float | None, Field(ge=0, le=1, description="0 to 1; null where nobody is counted.")]
Km = Annotated[float | None, Field(ge=0, description="Kilometres; null where nobody may do it.")]


class DistanceOut(Out):
    p50: Km
    p90: Km
    max: Km
    mean: Km


class PlanFiguresOut(Out):
    """Demand points with weight, those where everything is in reach; demand in all and in reach; distances."""

    points: int
    points_within: int
    weight: float
    weight_within: float
    share_within: Share
    distance_km: DistanceOut


class PlanCountyOut(Out):
    county: str
    before: PlanFiguresOut
    after: PlanFiguresOut


class ChosenOut(Out):
    """A place, and what it is like with it and all those before it in the list. `gives` names the services."""

    code: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    county: str | None
    gives: list[str]
    share_within: Share
    share_added: float | None
    mean_km: Km
    km_saved: float | None


class PlanLinksOut(Out):
    self: str
    page: str


class PlanOut(Out):
    """A plan: what was asked, how far it is, and the answer once it is `done`.

    `optimality_gap` is proven: no choice gives a part of that more of what these give (max_cover), or leaves a mean
    distance shorter by a part of that (min_distance). `best` is what none can better: a share, or kilometres.
    """

    id: UUID
    name: str
    status: Status
    progress: Annotated[float, Field(ge=0, le=1)]
    error: Failure | None
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    objective: Objective
    kind: Kind
    new_stations: int
    within_km: float
    within_days: int | None
    service_codes: list[str]
    candidates: Annotated[Source | int, Field(description="Or how many were listed.")]
    basis: Basis
    county: str | None
    on: date
    chosen: list[ChosenOut] | None
    before: PlanFiguresOut | None
    after: PlanFiguresOut | None
    counties: list[PlanCountyOut] | None
    optimality_gap: Annotated[float | None, Field(ge=0, le=1)]
    best: float | None
    method: Method | None
    seconds: float | None
    candidates_compared: int | None
    demand_as_of: datetime | None
    links: PlanLinksOut


class PlansPage(Out):
    items: list[PlanOut]
    next: str | None


def plan_out(plan: Plan) -> PlanOut:
    asked = PlanAsked.model_validate(plan.question)
    listed = asked.candidates if isinstance(asked.candidates, list) else None
    body = asked.model_dump(exclude={"name", "candidates", "use"}) | _answer(plan, asked)
    body |= {
        "id": plan.id,
        "name": plan.name,
        "status": plan.status,
        "progress": round(plan.progress, 3),
        "error": plan.error,
        "created_at": plan.created_at.astimezone(LOCAL),
        "created_by": plan.author,
        "ended_at": plan.ended_at and plan.ended_at.astimezone(LOCAL),
        "candidates": asked.candidates if listed is None else len(listed),
        "county": asked.county or None,
        "links": {"self": f"{PATH}/{plan.id}", "page": f"/office/plans/{plan.id}"},
    }
    return PlanOut.model_validate(body)


def _answer(plan: Plan, asked: PlanAsked) -> dict[str, Any]:
    """What is only there when it is done."""
    found = plan.result or {}
    names = ("before", "after", "optimality_gap", "best", "method", "seconds", "demand_as_of")
    body = {name: found.get(name) for name in names} | {"candidates_compared": found.get("candidates")}
    body["chosen"] = body["counties"] = None
    if plan.result:
        body["chosen"] = chosen_of(plan.result, asked)
        body["counties"] = [each | {"county": each["adcode"]} for each in found["counties"]]
    return body


def chosen_of(result: dict[str, Any], asked: PlanAsked) -> list[dict[str, Any]]:
    """Each of the chosen, with what it adds to those before it."""
    share, km = result["before"]["share_within"], result["before"]["distance_km"]["mean"]
    rows = []
    for each in result["chosen"]:
        gives = [code for code, given in zip(asked.service_codes, each["gives"], strict=True) if given]
        added = {"share_added": _less(each["share_within"], share), "km_saved": _less(km, each["mean_km"])}
        rows.append(each | added | {"gives": gives, "county": each["county"] or None})
        share, km = each["share_within"], each["mean_km"]
    return rows


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, 6)
