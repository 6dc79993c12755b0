"""What a mail says of coverage: the four figures in sentences, and the counties one by one."""

from app.accounts.rules.rights import Scope
from app.coverage.asking import Choice, ReachAsked, Working
from app.coverage.figures import Report
from app.coverage.sentences import part, subject, way, within
from app.coverage.sources import Sources
from app.coverage.words import COVERAGE
from app.kit.formats import day_month_year
from app.kit.i18n import gettext as _
from app.kit.i18n import lazy, tr
from app.kit.validation import validated
from app.notify.letters import Letter
from app.reports.rules import Days
from app.reports.views import Asked
from app.web.forms import address


class CoverageView:
    """The overview; its figures are those of the whole network for everybody who may read them."""

    kind, path = "coverage", COVERAGE
    title = lazy("Coverage")
    fields = tuple(ReachAsked.model_fields)

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def subject(self, asked: Asked, _scope: Scope) -> str:
        return subject(choice_of(await self._sources.coverage(), asked))

    async def letter(self, asked: Asked, _scope: Scope, _days: Days) -> Letter:
        work = await self._sources.coverage()
        choice = choice_of(work, asked)
        return letter_of(work, choice, Report(await work.reached(choice)), address(COVERAGE, asked))


def choice_of(work: Working, asked: Asked) -> Choice:
    """Raises Invalid."""
    return work.choice(validated(ReachAsked, asked))


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
