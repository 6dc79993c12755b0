"""What a report says: the four figures in sentences, and the counties one by one."""

from app.coverage.asking import Choice, Working
from app.coverage.figures import Figures, Report
from app.coverage.rules.measures import rounded
from app.kit.formats import day_month_year, distance, percent
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.notify.letters import Letter


def letter_of(work: Working, choice: Choice, report: Report, link: str) -> Letter:
    """In the language of the moment; `link` is the page with the same question."""
    figures = report.figures(choice.adcode)
    counties = "\n".join(
        f"{tr(division, 'name')}: {_share(each)}" for division, each in report.by_county(work.directory.atlas.divisions)
    )
    return Letter(
        subject=_("Coverage on {date}: {subject}").format(
            date=day_month_year(choice.asked.on), subject=subject(choice)
        ),
        paragraphs=[_within(choice, figures), _way(figures), counties],
        link=link,
        closing=_("The page has the map, the table and the files, and where these mails can be ended."),
        why=_("You get this mail because you asked for this report."),
    )


def subject(choice: Choice) -> str:
    """The service, the category or all, and the county."""
    what = choice.service or choice.category
    name = tr(what, "name") if what else _("All services")
    return f"{name} · {tr(choice.county, 'name')}" if choice.county else name


def _within(choice: Choice, figures: Figures) -> str:
    if choice.asked.within_days is None:
        sentence = _("Within reach: {share} of the demand has a station that may do it within {km} km.")
    else:
        sentence = _(
            "Within reach: {share} of the demand has a station that may do it within {km} km and has time within "
            "{days} working days."
        )
    asked = choice.asked
    return sentence.format(share=_share(figures), km=f"{asked.within_km:g}", days=asked.within_days)


def _way(figures: Figures) -> str:
    half, most = rounded(figures.distance.p50, 4), rounded(figures.distance.p90, 4)
    if half is None or most is None:
        return _("At least one in ten has no station at all that may do it.")
    sentence = _("Half of the demand has {half} at most to the nearest such station, nine of ten {most}.")
    return sentence.format(half=distance(half), most=distance(most))


def _share(figures: Figures) -> str:
    return "–" if figures.share_within is None else percent(figures.share_within)
