"""What the list may be asked for, from its address to where its rows come from. Pure."""

from datetime import date

import pytest

from app.inbox.bulk import needs_reason, targets
from app.inbox.rules import BULK, LONGEST_SPAN, Due, Filters, Source, View, soon, span, states_of, turned
from app.inbox.typed import of_query
from app.requests.rules import TABLE, Action, Party, State
from app.routing.rules import Mode
from app.stations.rules import Calendar

TODAY = date(2026, 12, 1)
A_REFERENCE = "ZT-7K3M-9QXD-J"


@pytest.mark.parametrize(
    ("filters", "source"),
    [
        (Filters(), Source.LIVE),
        (Filters(View.LATE), Source.LIVE),
        (Filters(View.WAITING, text="阀门"), Source.LIVE),
        (Filters(first=TODAY), Source.LIVE),
        (Filters(states=states_of(["done"])), Source.HISTORY),
        (Filters(states=states_of(["returned", "suspended"])), Source.LIVE),
        (Filters(View.ALL), Source.HISTORY),
        (Filters(View.ALL, first=TODAY), Source.DAYS),
        (Filters(View.TODAY), Source.DAYS),
        (Filters(View.UNREAD), Source.UNREAD),
        (Filters(unread=True), Source.UNREAD),
        (Filters(View.LATE, text=A_REFERENCE.lower()), Source.REFERENCE),
    ],
)
def test_each_list_is_read_from_where_it_is_short(filters: Filters, source: Source):
    assert filters.source is source


def test_an_address_says_all_filters_and_nothing_that_is_not_asked_for():
    filters = Filters(
        View.LATE,
        frozenset({State.IN_PROGRESS, State.RETURNED}),
        "WH-YJ-01",
        "340202",
        "metrology",
        "MET-MEC-015",
        Mode.ONSITE,
        Due.SOON,
        unread=True,
        complaint=True,
        first=TODAY,
        last=date(2026, 12, 5),
        text="长江 & 阀门",
    )
    assert filters.query() == [
        ("view", "late"),
        ("state", "returned"),
        ("state", "in_progress"),
        ("station", "WH-YJ-01"),
        ("county", "340202"),
        ("category", "metrology"),
        ("service", "MET-MEC-015"),
        ("mode", "onsite"),
        ("due", "soon"),
        ("unread", "1"),
        ("complaint", "1"),
        ("from", "2026-12-01"),
        ("to", "2026-12-05"),
        ("q", "长江 & 阀门"),
    ]
    typed = of_query(filters.query())
    assert (typed.state, typed.first, typed.last, typed.q) == (
        ["returned", "in_progress"],
        "2026-12-01",
        "2026-12-05",
        "长江 & 阀门",
    )
    assert Filters().query() == [("view", "due")]


@pytest.mark.parametrize(
    ("filters", "days"),
    [
        (Filters(View.TODAY, first=date(2020, 1, 1)), (TODAY, TODAY)),
        (Filters(first=TODAY, last=TODAY), (TODAY, TODAY)),
        (Filters(last=TODAY), (TODAY, TODAY)),
        (Filters(first=date(2026, 1, 1), last=date(2036, 1, 1)), (date(2026, 1, 1), date(2026, 4, 2))),
    ],
)
def test_days_are_a_span_that_ends(filters: Filters, days: tuple[date, date]):
    assert span(filters, TODAY) == days
    assert (days[1] - days[0]).days < LONGEST_SPAN


def test_days_typed_the_wrong_way_round_are_turned():
    assert turned(date(2026, 12, 5), TODAY) == (TODAY, date(2026, 12, 5))
    assert turned(None, TODAY) == (None, TODAY)


def test_soon_is_counted_in_working_days():
    assert soon(Calendar(), date(2026, 12, 3)) == date(2026, 12, 7)  # a Thursday: Friday and Monday


def test_what_many_can_do_together_needs_one_reason_at_most():
    for action in BULK:
        needs = {need for step in TABLE if step.action is action and step.by is Party.STATION for need in step.needs}
        assert needs <= {"reason"}
        assert targets(action)
    assert [action for action in BULK if needs_reason(action)] == [Action.DECLINE, Action.SUSPEND]
