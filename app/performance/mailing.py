"""What a mail says of performance: the figures of the days before, and how they are put together one by one."""

from collections.abc import Callable, Mapping

from app.accounts.rules.rights import Scope
from app.coverage.sources import Sources
from app.kit.formats import day_month_year, number, percent
from app.kit.i18n import gettext as _
from app.kit.i18n import lazy, tr
from app.kit.validation import validated
from app.notify.letters import Letter
from app.performance.asking import Choice, FiguresAsked, Working
from app.performance.queries import Report
from app.performance.rules import Figures
from app.performance.tables import group_rows
from app.performance.words import NAMES, PERFORMANCE
from app.reports.rules import Days
from app.reports.views import Asked
from app.web.forms import address

MOST_ROWS = 40
FIGURES: Mapping[str, Callable[[Figures], str | None]] = {
    "requests": lambda f: number(f.requests),
    "appointments": lambda f: number(f.appointments),
    "walk_ins": lambda f: number(f.walk_ins),
    "served": lambda f: number(f.served),
    "no_show_rate": lambda f: _share(f.no_show_rate.value),
    "wait_p50": lambda f: _number(f.wait_min.p50),
    "wait_p90": lambda f: _number(f.wait_min.p90),
    "service_p50": lambda f: _number(f.service_min.p50),
    "on_time_rate": lambda f: _share(f.on_time_rate.value),
    "returns": lambda f: number(f.returns),
    "reroutes": lambda f: number(f.reroutes),
    "utilisation": lambda f: _share(f.utilisation),
    "rating": lambda f: _number(f.rating, 1),
}


class PerformanceView:
    """The figures of the days before, at the stations that the reader reaches when the mail is written."""

    kind, path = "performance", PERFORMANCE
    title = lazy("Performance")
    fields = ("county", "station", "service", "by")

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def subject(self, asked: Asked, scope: Scope) -> str:
        return subject(_choice(await self._work(scope), asked))

    async def letter(self, asked: Asked, scope: Scope, days: Days) -> Letter:
        work = await self._work(scope)
        of_days = {"from": days.first.isoformat(), "to": days.last.isoformat()}
        choice = _choice(work, {**asked, **of_days})
        return letter_of(work, choice, await work.report(choice), address(PERFORMANCE, asked, **of_days))

    async def _work(self, scope: Scope) -> Working:
        sources = self._sources
        directory, catalogue = await sources.directories.current(), await sources.catalogues.current()
        return Working(directory, catalogue, sources.database, scope, await sources.now())


def _choice(work: Working, asked: Asked) -> Choice:
    """Raises Invalid."""
    return work.choice(validated(FiguresAsked, asked))


def subject(choice: Choice) -> str:
    """The service or all, and the station or the county."""
    name = tr(choice.service, "name") if choice.service else _("All services")
    place = choice.station or choice.county
    return f"{name} · {tr(place, 'name')}" if place else name


def letter_of(work: Working, choice: Choice, report: Report, link: str) -> Letter:
    """In the language of the moment; `link` is the page with the same question."""
    figures = [(key, say(report.total)) for key, say in FIGURES.items()]
    lines = "\n".join(f"{NAMES[key]}: {value}" for key, value in figures if value is not None)
    return Letter(
        subject=_("Performance, {days}: {subject}").format(days=_days(choice), subject=subject(choice)),
        paragraphs=[_("Nothing happened in these days.")]
        if report.total.nothing
        else [lines, _rows(work, choice, report)],
        link=link,
        closing=_("The page has all figures, the charts and the files, and where these mails can be ended."),
        why=_("You get this mail because you asked for this report."),
    )


def _days(choice: Choice) -> str:
    first, last = choice.asked.first, choice.asked.last
    return day_month_year(first) if first == last else f"{day_month_year(first)} – {day_month_year(last)}"


def _rows(work: Working, choice: Choice, report: Report) -> str:
    """How many were served, row by row."""
    rows = group_rows(work, choice.asked.by, report)
    lines = [
        _("{name}: {served} served, {requests} requests").format(
            name=tr(row, "name"), served=number(row.served), requests=number(row.requests)
        )
        for row in rows[:MOST_ROWS]
    ]
    return "\n".join([*lines, "…"] if len(rows) > MOST_ROWS else lines)


def _share(value: float | None) -> str | None:
    return None if value is None else percent(value)


def _number(value: float | None, digits: int = 0) -> str | None:
    return None if value is None else number(value, digits)
