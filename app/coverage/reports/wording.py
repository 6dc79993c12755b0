"""What a report says: the four figures in sentences, and the counties one by one."""

from app.coverage.asking import Choice, Working
from app.coverage.figures import Report
from app.coverage.sentences import part, subject, way, within
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import tr
from app.notify.letters import Letter


def letter_of(work: Working, choice: Choice, report: Report, link: str) -> Letter:
    """In the language of the moment; `link` is the page with the same question."""
    figures = report.figures(choice.adcode)
    counties = "\n".join(
        f"{tr(division, 'name')}: {part(each)}" for division, each in report.by_county(work.directory.atlas.divisions)
    )
    return Letter(
        subject=_("Coverage on {date}: {subject}").format(
            date=day_month_year(choice.asked.on), subject=subject(choice)
        ),
        paragraphs=[within(choice, figures), way(figures), counties],
        link=link,
        closing=_("The page has the map, the table and the files, and where these mails can be ended."),
        why=_("You get this mail because you asked for this report."),
    )
