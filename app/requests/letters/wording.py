"""The words of letters to applicants, in the language of the moment. Pure.

No letter holds the access code. Whoever has it can move and cancel the booking, and a mail is read by more than its
receiver: it lies unencrypted with providers, is forwarded to colleagues, and stands in the outbox, which managers may
read, until it is sent. The code was shown when the request was sent; the page of the request asks for it.
"""

from collections.abc import Callable, Iterable, Mapping

from app.kit.formats import clock_time, date_time, long_date
from app.kit.i18n import LazyString, lazy, pgettext, tr
from app.kit.i18n import gettext as _
from app.notify.letters import Letter
from app.policy.letters import LETTERS, REMINDERS, LetterKind
from app.requests.given import to_bring
from app.requests.letters.facts import Facts, News
from app.requests.rules.states import HANDED_IN_BY
from app.requests.site_intake import questions_of
from app.requests.standing import label

K = LetterKind
SHOW_THE_VISIT = frozenset({K.CONFIRMED, K.ACCEPTED, K.MOVED, K.PASSED_ON, K.RESTORED, *REMINDERS})
OPENINGS: Mapping[LetterKind, LazyString] = {
    K.CONFIRMED: lazy("Your request {reference} was sent, and this time is booked."),
    K.ACCEPTED: lazy("The station has accepted your request {reference}."),
    K.RETURNED: lazy("The station goes on with your request {reference} when you have corrected all of this:"),
    K.DECLINED: lazy("{station} can't do what you asked for in request {reference}: {reason}"),
    K.MOVED: lazy("The appointment of your request {reference} was moved from {old_start} to this time:"),
    K.PASSED_ON: lazy("{old_station} has passed your request {reference} on to {station}: {reason}"),
    K.REMINDER: lazy("Your appointment is tomorrow (request {reference})."),
    K.REMINDER_SOON: lazy("Your appointment is today at {time} (request {reference})."),
    K.NO_SHOW: lazy("Nobody came to the appointment of your request {reference} on {start}."),
    K.NOT_TAKEN: lazy("What was handed in for your request {reference} could not be taken: {reason}"),
    K.SUSPENDED: lazy("The work on your request {reference} is suspended: {reason}"),
    K.CONSENT_ASKED: lazy(
        "For your request {reference} the station asks for your consent to have a part of the work done elsewhere: "
        "{reason}"
    ),
    K.ISSUED: lazy("A document with the result of your request {reference} was issued."),
    K.INVALIDATED: lazy(
        "The document with the result of your request {reference} was withdrawn, and the work is done anew: {reason} "
        "Please don't use the document any more."
    ),
    K.DONE: lazy("The work on your request {reference} is done."),
    K.CANCELLED: lazy("Your request {reference} was cancelled."),
    K.RESTORED: lazy("The station has taken up your request {reference} again: {reason}"),
    K.UNBOOKED: lazy(
        "{old_station} can't keep the time of your request {reference} on {old_start}: {reason} "
        "Everything else stays as it is."
    ),
    K.COMPLAINT_ANSWERED: lazy("The station has answered your complaint about request {reference}: {reason}"),
}
OPENINGS_BY_STATION: Mapping[LetterKind, LazyString] = {
    K.MOVED: lazy("The station has moved the appointment of your request {reference} from {old_start} to this time:"),
    K.CANCELLED: lazy("The station has cancelled your request {reference}: {reason}"),
}
NO_TIME = lazy("Please choose a time on the page of your request:")
ASKS: Mapping[LetterKind, LazyString] = {
    K.RETURNED: lazy("Please correct it on the page of your request:"),
    K.DECLINED: lazy("You can ask another station. What you sent is on the page of your request:"),
    K.NO_SHOW: lazy("You can choose a new time, or cancel, on the page of your request:"),
    K.NOT_TAKEN: lazy("What you can do now is on the page of your request:"),
    K.SUSPENDED: lazy("If something is wanted of you, please answer on the page of your request:"),
    K.CONSENT_ASKED: lazy("Please agree, or say that you don't, on the page of your request:"),
    K.ISSUED: lazy("You can read and save it on the page of your request:"),
    K.INVALIDATED: lazy("How it goes on stands on the page of your request:"),
    K.DONE: lazy("If something is not right, please tell the station on the page of your request:"),
    K.CANCELLED: lazy("What was cancelled is on the page of your request:"),
    K.UNBOOKED: NO_TIME,
    K.COMPLAINT_ANSWERED: lazy("You can answer on the page of your request:"),
    K.REMINDER: lazy(
        "If you can't come, please move or cancel it on the page of your request, so others get the time:"
    ),
}
SPLIT_OFF = lazy(
    "{old_station} has passed a part of your request {split_from} on to {station}, where it is a request of its own, "
    "{reference}: {reason}"
)
THE_REST = lazy("What is not listed here stays with request {split_from} as it was.")
THERE = lazy("The page of your request {split_from} leads to the new one:")
ASKS_ELSE = lazy("You can follow, move or cancel it on the page of your request:")


def letter(facts: Facts, news: News, own: str = "") -> Letter:
    """The whole letter; `own` is the paragraph of the network or the station."""
    shows = facts.booked and news.kind in SHOW_THE_VISIT
    paragraphs = [*PARAGRAPHS.get(news.kind, _opening)(facts, news), _concerned(news)]
    if shows:
        paragraphs += [_visit(facts), _bring(facts)]
    return Letter(
        _subject(facts, news.kind, shows=shows),
        [part for part in [*paragraphs, own, _ask(facts, news)] if part],
        link=f"/r/{news.split_from or facts.reference}",
        closing=_("The page may ask for the access code that you were given with the reference."),
    )


def _subject(facts: Facts, kind: LetterKind, *, shows: bool) -> str:
    what = _("Reminder") if kind in REMINDERS else str(LETTERS[kind])
    if shows:
        start, station = date_time(facts.visit.start), tr(facts.visit.station, "name")
        return _("{what}: {start}, {station}").format(what=what, start=start, station=station)
    return _("{what}: request {reference}").format(what=what, reference=facts.reference)


def _ask(facts: Facts, news: News) -> str:
    kind = news.kind
    if news.split_from:
        return _filled(str(THERE), facts, news)
    if not facts.booked and kind in (K.ACCEPTED, K.RESTORED):
        return str(NO_TIME)
    return str(ASKS.get(K.REMINDER if kind in REMINDERS else kind, ASKS_ELSE))


def _visit(facts: Facts) -> str:
    """When, where and what, a line each."""
    visit, station = facts.visit, tr(facts.visit.station, "name")
    time = f"{long_date(visit.start)} {clock_time(visit.start)}–{clock_time(visit.end)}"
    where = {
        "station": _("Where: {station}, {address}"),
        "onsite": _("Where: {site}; {station} comes to you"),
        "online": _("Where: online, with {station}"),
    }[facts.mode]
    services = [tr(service, "name") + (f" × {count}" if count > 1 else "") for service, count in facts.what]
    lines = [
        _("When: {time}").format(time=time),
        where.format(station=station, address=visit.station.address_zh, site=facts.site or _("at your site")),
        _("What: {services}").format(services=pgettext("between names", ", ").join(services)),
    ]
    return "\n".join(lines)


def _bring(facts: Facts) -> str:
    lines = to_bring(facts.answers)
    head = _("Please bring:") if facts.mode == "station" else _("Please have ready:")
    return _list(head, lines) if lines else ""


def _concerned(news: News) -> str:
    """The items, where it is not about all of them."""
    if not news.items or news.faults:
        return ""
    return _list(_("It concerns only:"), (label(item) for item in news.items))


def _list(head: str, lines: Iterable[str]) -> str:
    return "\n".join([head, *(f"- {line}" for line in lines)])


def _opening(facts: Facts, news: News) -> list[str]:
    sentence = (news.by_station and OPENINGS_BY_STATION.get(news.kind)) or OPENINGS[news.kind]
    return [_filled(str(sentence), facts, news)]


def _returned(facts: Facts, news: News) -> list[str]:
    """Everything at fault at once: the field, as the form calls it, and what is wanted there."""
    paragraphs = [_list(_opening(facts, news)[0], _faults(news, facts.mode)), news.reason]
    paragraphs.append(_("The station's time for its answer stands still until then."))
    if facts.booked:
        paragraphs.append(_filled(_("Your time on {start} stays booked: please correct it before then."), facts, news))
    return paragraphs


def _faults(news: News, mode: str) -> Iterable[str]:
    for item, service in news.faults:
        labels = {field.key: tr(field, "label") for field in questions_of(service.fields, mode)}
        before = f"{label(item)}: " if len(news.faults) > 1 else ""
        for fault in item.faults:
            key = fault["field"].rpartition(".")[2]
            yield before + _("{field}: {wanted}").format(field=labels.get(key, key), wanted=fault["wanted"])


def _elsewhere(facts: Facts, news: News) -> list[str]:
    """Nobody shall stand before the wrong door."""
    if news.split_from:
        return [_filled(str(sentence), facts, news) for sentence in (SPLIT_OFF, THE_REST)]
    if news.old is None:
        return [_filled(_("This time is booked for your request {reference}:"), facts, news)]
    why = [_filled(_("The reason: {reason}"), facts, news)] if news.by_station and news.reason else []
    if news.old.station.id == facts.visit.station.id:
        return _opening(facts, news) + why
    return [
        _filled(_("Please don't go to {old_station} any more, but to {station}."), facts, news),
        *_opening(facts, news),
        *why,
    ]


def _done(facts: Facts, news: News) -> list[str]:
    paragraphs = _opening(facts, news)
    if facts.mode == "station" and any(HANDED_IN_BY & inputs.keys() for _service, inputs in facts.answers):
        paragraphs.append(_filled(_("Please fetch what you handed in, at {station}, {address}."), facts, news))
    return paragraphs


def _cancelled(facts: Facts, news: News) -> list[str]:
    paragraphs = _opening(facts, news)
    if not facts.booked:
        paragraphs.append(_filled(_("The time on {start} at {station} is free for others again."), facts, news))
    return paragraphs if news.by_station else [*paragraphs, _("If that was not you, please tell the station.")]


def _restored(facts: Facts, news: News) -> list[str]:
    gone = [] if facts.booked else [_("The time that you had is not free any more.")]
    return _opening(facts, news) + gone


def _filled(sentence: str, facts: Facts, news: News) -> str:
    """A sentence with its places filled, each by what it is called."""
    visit, old = facts.visit, news.old or facts.visit
    return sentence.format(
        reference=facts.reference,
        split_from=news.split_from,
        reason=news.reason,
        start=date_time(visit.start),
        time=clock_time(visit.start),
        station=tr(visit.station, "name"),
        address=visit.station.address_zh,
        old_start=date_time(old.start),
        old_station=tr(old.station, "name"),
    )


PARAGRAPHS: Mapping[LetterKind, Callable[[Facts, News], list[str]]] = {
    K.RETURNED: _returned,
    K.MOVED: _elsewhere,
    K.PASSED_ON: _elsewhere,
    K.DONE: _done,
    K.ISSUED: _done,
    K.CANCELLED: _cancelled,
    K.RESTORED: _restored,
}
"""Where a letter says more than its opening before it comes to the visit."""
