"""What every paper of coverage says: what was asked, and on what data."""

from collections.abc import Iterable

from app.catalogue.rules import Use
from app.coverage.asking import Choice
from app.coverage.demand import Kept
from app.coverage.figures import FEW
from app.coverage.words import BASES
from app.kit.formats import clock_time, day_month_year, number
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext, tr
from app.web.papers import Asked


def asked_of(choice: Choice, kept: Kept, *more: tuple[str, str]) -> Asked:
    """The filters in plain words, and as of when the demand is."""
    asked = choice.asked
    designated = _("Nothing mandatory") if asked.use is Use.OTHER else _("Designation counts")
    return [
        (_("Service"), tr(choice.service, "name") if choice.service else _("All")),
        (_("Category"), tr(choice.category, "name") if choice.category else _("All")),
        (_("County or district"), tr(choice.county, "name") if choice.county else _("All")),
        (_("Within reach means"), _reach(choice)),
        *more,
        (_("Use"), designated),
        (_("Weighed by"), str(BASES[choice.basis][0])),
        (_("Capabilities in force on"), day_month_year(asked.on)),
        (_("Demand as of"), f"{day_month_year(kept.at)} {clock_time(kept.at)}"),
    ]


def _reach(choice: Choice) -> str:
    km, days = number(choice.asked.within_km), choice.asked.within_days
    if days is None:
        return _("%(km)s km") % {"km": km}
    return _("%(km)s km and %(days)s working days") % {"km": km, "days": days}


def about(choice: Choice, kept: Kept) -> list[str]:
    """What the demand counts, and what of it has no place."""
    beyond = kept.demand.elsewhere
    sentence = ngettext(
        "%(num)s case has no place and isn't counted.", "%(num)s cases have no place and aren't counted.", beyond
    )
    basis = [_("Demand: {what}").format(what=BASES[choice.basis][1])]
    return basis + [sentence % {"num": number(beyond)}] * bool(beyond)


def few_note(few: Iterable[bool]) -> list[str]:
    """What the mark means, where there is one."""
    if not any(few):
        return []
    return [_("* Counted over fewer than {few} places: read it with care.").format(few=FEW)]
