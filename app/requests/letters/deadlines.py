"""What staff hear of deadlines by mail: a digest of the day, and what was missed. Pure.

Nothing in them names an applicant; a line is a reference, what is owed, and for which service.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from app.kit.formats import weekday_date
from app.kit.i18n import gettext as _
from app.kit.i18n import ngettext, pgettext, tr
from app.notify.letters import Letter
from app.requests.rules.watching import AtStation, Due, Watch
from app.requests.words import CLOCKS
from app.stations.facts import ServiceFacts, StationFacts

MOST_LINES = 40
INBOX = "/office/requests"
Services = Mapping[int, ServiceFacts]


def due_letter(station: StationFacts, due: AtStation, watch: Watch, services: Services) -> Letter:
    """What is due today and on the next working day, in the language of the moment."""
    name, day = tr(station, "name"), weekday_date(watch.following)
    subject = _("Due today: {today}; on {day}: {following} ({station})")
    paragraphs = [
        _listed(_("Due today:"), due.today, services),
        _listed(_("Due on {day}:").format(day=day), due.following, services),
    ]
    return Letter(
        subject.format(today=len(due.today), following=len(due.following), day=day, station=name),
        [each for each in paragraphs if each] + [_("The inbox shows everything, what is due first on top:")],
        link=f"{INBOX}?station={station.code}",
        why=_("You get this mail on working days on which something is due, because you work at the station."),
    )


def overdue_letter(station: StationFacts, day: date, missed: Sequence[Due], services: Services) -> Letter:
    """What should have been done by the end of a day and was not."""
    subject = ngettext(
        "{n} deadline missed on {day} ({station})", "{n} deadlines missed on {day} ({station})", len(missed)
    )
    words = {"n": len(missed), "day": weekday_date(day), "station": tr(station, "name")}
    head = _("At {station} this was due on {day} and is not done. Who does it now has to say why it is late.")
    return Letter(
        subject.format(**words),
        [_listed(head.format(**words), missed, services), _("The inbox shows everything, what is due first on top:")],
        link=f"{INBOX}?station={station.code}",
        why=_("You get this mail because you answer for the station."),
    )


def _listed(head: str, dues: Sequence[Due], services: Services) -> str:
    if not dues:
        return ""
    more = len(dues) - MOST_LINES
    rest = [ngettext("and {n} more", "and {n} more", more).format(n=more)] if more > 0 else []
    return "\n".join([head, *(f"- {_line(due, services)}" for due in dues[:MOST_LINES]), *rest])


def _line(due: Due, services: Services) -> str:
    names = pgettext("between names", ", ").join(tr(services[each], "name") for each in due.services)
    return " · ".join(part for part in (due.reference, str(CLOCKS[due.clock]), _numbers(due.numbers), names) if part)


def _numbers(numbers: Iterable[int]) -> str:
    """Which items, where there are several."""
    every = list(numbers)
    if len(every) < 2:  # noqa: PLR2004 - one needs no count
        return ""
    return ngettext("{n} item", "{n} items", len(every)).format(n=len(every))
