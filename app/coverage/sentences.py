"""What figures say, in sentences: for mails and on paper."""

from app.coverage.asking import Choice
from app.coverage.figures import Figures
from app.coverage.rules.measures import rounded
from app.kit.formats import distance, percent
from app.kit.i18n import gettext as _
from app.kit.i18n import tr


def subject(choice: Choice) -> str:
    """The service, the category or all, and the county."""
    what = choice.service or choice.category
    name = tr(what, "name") if what else _("All services")
    return f"{name} · {tr(choice.county, 'name')}" if choice.county else name


def within(choice: Choice, figures: Figures) -> str:
    if choice.asked.within_days is None:
        sentence = _("Within reach: {share} of the demand has a station that may do it within {km} km.")
    else:
        sentence = _(
            "Within reach: {share} of the demand has a station that may do it within {km} km and has time within "
            "{days} working days."
        )
    asked = choice.asked
    return sentence.format(share=part(figures), km=f"{asked.within_km:g}", days=asked.within_days)


def way(figures: Figures) -> str:
    half, most = rounded(figures.distance.p50, 4), rounded(figures.distance.p90, 4)
    if half is None or most is None:
        return _("At least one in ten has no station at all that may do it.")
    sentence = _("Half of the demand has {half} at most to the nearest such station, nine of ten {most}.")
    return sentence.format(half=distance(half), most=distance(most))


def part(figures: Figures) -> str:
    return "–" if figures.share_within is None else percent(figures.share_within)
