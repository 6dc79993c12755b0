"""A plan on paper: the places that were chosen, what they change, and for whom."""

from app.kit.formats import clock_time, day_month_year, number
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext, tr
from app.siting.pages.frame import Shown
from app.siting.rules.questions import Objective
from app.siting.schemas import PlanOut
from app.siting.tables import Change, changes
from app.web.papers import NONE, Asked, Column, Paper, PaperTable, Row

DIGITS = {"share": 2, "km": 2, "number": 0}


def plan_paper(shown: Shown) -> Paper:
    """Of a plan that has its answer."""
    plan = shown.plan
    return Paper(
        title=shown.name,
        subject=_("Plan"),
        asked=_asked(shown),
        lead=[" ".join(_answer(plan))] if plan.chosen else [],
        tables=[_places(shown), _figures(plan), _counties(shown)],
        notes=[
            _(
                "Each adds this to those before it. Places are points of the map, not plots: whether a house is free "
                "there nobody has looked."
            ),
            _("Weighed by: %(basis)s.") % {"basis": shown.basis[0]} + " " + shown.basis[1],
        ],
    )


def _answer(plan: PlanOut) -> list[str]:
    """What is gained, and what is proven about it."""
    if not plan.before or not plan.after:
        return []
    covers, places = plan.objective is Objective.MAX_COVER, number(plan.candidates_compared or 0)
    gained = []
    if covers:
        says = ngettext(
            "With one more, %(after)s of the demand is within %(km)s km instead of %(before)s.",
            "With %(num)s more, %(after)s of the demand is within %(km)s km instead of %(before)s.",
            len(plan.chosen or []),
        )
        shares = {"after": _share(plan.after.share_within), "before": _share(plan.before.share_within)}
        gained = [says % {"num": len(plan.chosen or []), "km": number(plan.within_km), **shares}]
    return [*gained, _proven(plan, places, covers=covers)]


def _proven(plan: PlanOut, places: str, *, covers: bool) -> str:
    seconds, gap = number(plan.seconds or 0.0, 2), f"{number((plan.optimality_gap or 0.0) * 100, 2)}%"
    if plan.method == "exact":
        says = _("It is proven that no other choice among %(count)s places does better; that took %(seconds)s seconds.")
        return says % {"count": places, "seconds": seconds}
    if covers:
        says = _(
            "Found among %(count)s places in %(seconds)s seconds; it is proven that no choice reaches more than "
            "%(best)s (gap %(gap)s of what is gained)."
        )
        return says % {"count": places, "seconds": seconds, "best": _share(plan.best), "gap": gap}
    says = _(
        "Found among %(count)s places in %(seconds)s seconds; it is proven that no choice makes the way shorter than "
        "%(best)s on average (gap %(gap)s)."
    )
    best = NONE if plan.best is None else f"{number(plan.best, DIGITS['km'])} km"
    return says % {"count": places, "seconds": seconds, "best": best, "gap": gap}


def _share(value: float | None) -> str:
    return NONE if value is None else f"{number(value * 100, DIGITS['share'])}%"


def _asked(shown: Shown) -> Asked:
    plan = shown.plan
    reach = _("%(km)s km") % {"km": number(plan.within_km)}
    if plan.within_days is not None:
        reach = _("%(km)s km and %(days)s working days") % {"km": number(plan.within_km), "days": plan.within_days}
    asked_at = {"day": day_month_year(plan.created_at), "time": clock_time(plan.created_at)}
    return [
        (_("What for"), shown.services),
        (_("What is new"), _("%(kind)s, %(count)s at most") % {"kind": shown.kind, "count": plan.new_stations}),
        (_("Aim"), shown.objective),
        (_("Within reach means"), reach),
        (_("Where they can be"), shown.candidates),
        (_("Demand"), _("%(basis)s, %(county)s") % {"basis": shown.basis[0], "county": shown.county}),
        (_("Capabilities of"), day_month_year(plan.on)),
        (_("Asked by"), _("%(name)s, %(day)s %(time)s") % {"name": plan.created_by, **asked_at}),
    ]


def _places(shown: Shown) -> PaperTable:
    rows: list[Row] = [
        each.model_dump()
        | {
            "n": n,
            "name": tr(each, "name") or each.code,
            "in": shown.county_name(each.county),
            "place": f"{number(each.lon, 4)}, {number(each.lat, 4)}",
            "services": shown.names(each.gives),
        }
        for n, each in enumerate(shown.plan.chosen or [], start=1)
    ]
    columns = [
        Column("n", _("No."), "number"),
        Column("name", _("Place")),
        Column("in", _("County or district")),
        Column("place", _("Longitude, latitude"), "figure"),
        *[Column("services", _("Gives"))] * (len(shown.plan.service_codes) > 1),
        Column("share_added", _("Adds to what is within reach"), "share", 2),
        Column("km_saved", _("Shortens the way on average by (km)"), "number", 2),
    ]
    return PaperTable(columns, rows, heading=_("The places"), kept=2)


def _figures(plan: PlanOut) -> PaperTable:
    rows: list[Row] = []
    if plan.before and plan.after:
        rows = [
            {
                "label": change.label,
                "before": _figure(change.before, change),
                "after": _figure(change.after, change),
                "by": _difference(change),
            }
            for change in changes(plan.before, plan.after)
        ]
    columns = [
        Column("label", _("Figure")),
        Column("before", _("Before"), "figure"),
        Column("after", _("After"), "figure"),
        Column("by", _("Difference"), "figure"),
    ]
    return PaperTable(columns, rows, heading=_("Before and after"))


def _figure(value: float | None, change: Change) -> str:
    if value is None:
        return ""
    digits = DIGITS[change.unit]
    if change.unit == "share":
        return _share(value)
    return f"{number(value, digits)} km" if change.unit == "km" else number(value, digits)


def _difference(change: Change) -> str:
    """With its sign: a rise of a share is in percentage points."""
    if not change.by:
        return "" if change.by is None else _("the same")
    sign = "+" if change.by > 0 else "−"
    if change.unit == "share":
        return sign + number(abs(change.by) * 100, DIGITS["share"]) + " " + _("points")
    return sign + _figure(abs(change.by), change)


def _counties(shown: Shown) -> PaperTable:
    rows: list[Row] = [
        {
            "name": shown.county_name(each.county),
            "share_before": each.before.share_within,
            "share_after": each.after.share_within,
            "km_before": each.before.distance_km.mean,
            "km_after": each.after.distance_km.mean,
        }
        for each in shown.plan.counties or []
    ]
    columns = [
        Column("name", _("County or district")),
        Column("share_before", _("Within reach before"), "share", 2),
        Column("share_after", _("Within reach after"), "share", 2),
        Column("km_before", _("Way on average before (km)"), "number", 2),
        Column("km_after", _("Way on average after (km)"), "number", 2),
    ]
    return PaperTable(columns, rows, heading=_("By county"))
