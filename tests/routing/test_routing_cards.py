"""Reasons in words, and the parts of pages that show them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from app.catalogue.rules import Use
from app.kit.i18n import use_locale
from app.routing.cards import Cards, cards
from app.routing.queries import Answer, answer
from app.routing.ranking import Reason
from app.routing.rules import Check, Policy, Question
from app.routing.words import FAILED, NOBODY, POLICIES, WHY
from app.web.templating import Look, Site, template_folders
from tests.routing.nets import NOW, Can, Diary, Stop, network, question, service, tick

PAGE = """{% import "routing/cards.html" as routes %}
{% call(card) routes.station_cards(found) %}
<button name="station" value="{{ card.station.code }}"></button>{% endcall %}
{{ routes.passed_over(found) }}
{% if found.nobody %}{% call routes.nobody(found) %}<a href="/">again</a>{% endcall %}{% endif %}"""
SERVICES = (service(0, listed=True), service(1))
STOPS = (
    Stop(118.38, 31.33, {1: Can()}),
    Stop(118.39, 31.33, {0: Can(designated=True), 1: Can()}, coord_class="estimated"),
    Stop(118.40, 31.33, {0: Can(designated=True)}),
)


@pytest.fixture(params=["zh-CN", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with use_locale(request.param):
        yield request.param


@pytest.fixture(scope="module")
def env() -> Environment:
    return Look(Site("网络", "Network"), folders=template_folders()).env


def answered(asked: Question, stops: tuple[Stop, ...] = STOPS) -> tuple[Cards, Answer]:
    net = network(stops, SERVICES)
    diary = Diary(net, asked, {index: [tick(1 + index)] for index in range(len(stops))})
    found = asyncio.run(answer(net, diary, asked, NOW))
    return cards(net, found), found


def test_there_are_words_for_everything_that_can_be_said():
    assert set(WHY) == set(Reason)
    assert set(FAILED) == set(NOBODY) == set(Check) - {Check.PASSED}
    assert set(POLICIES) == set(Policy)


def test_a_card_says_what_is_covered_missing_and_why():
    found, _ = answered(question(services=(0, 1), use=Use.MEDICAL))
    assert [card.station.code for card in found.cards] == ["ST-00001", "ST-00000", "ST-00002"]
    best, plain, _ = found.cards
    assert (best.designated, best.approximate, best.soonest, best.missing) == (True, True, False, ())
    assert (plain.designated, plain.soonest) == (False, True)
    assert [each.code for each in plain.covers] == ["SV-001"]
    assert [each.code for each in plain.missing] == ["SV-000"]
    assert best.start.isoformat() == "2026-12-02T09:00:00+08:00"
    assert WHY[Reason.ALL_SERVICES_IN_ONE_VISIT] in best.why


def test_the_page_shows_cards_reasons_and_who_was_passed_over(env: Environment, language: str):
    found, _ = answered(question(services=(0,)))
    html = env.from_string(PAGE).render(found=found)
    assert html.count('name="station"') == len(found.cards) == 2
    assert 'data-station-code="ST-00000"' in html
    assert str(FAILED[Check.NOT_CAPABLE]) in html
    assert str(WHY[Reason.NEAREST_DESIGNATED]) in html
    assert ("为什么推荐这里" in html) == (language == "zh-CN")
    assert 'datetime="2026-12-02T09:00:00+08:00"' in html


def test_a_long_list_of_who_was_passed_over_is_folded(env: Environment, language: str):
    stops = (*(Stop(118.38 + n / 1000, 31.33, {}) for n in range(15)), Stop(118.5, 31.33, {1: Can()}))
    found, _ = answered(question(services=(1,), days=31), stops)
    html = env.from_string(PAGE).render(found=found)
    assert len(found.passed_over) == 15
    assert html.count("<details") == len(found.cards) + 1
    assert ("另有 5 个" if language == "zh-CN" else "5 more") in html


@pytest.mark.usefixtures("language")
def test_when_nobody_can_the_page_says_why_and_what_next(env: Environment):
    found, answer_ = answered(question(services=(0,)), (Stop(118.38, 31.33, {1: Can()}),))
    html = env.from_string(PAGE).render(found=found)
    assert answer_.obstacle is Check.NOT_CAPABLE
    assert str(NOBODY[Check.NOT_CAPABLE]) in html
    assert '<a href="/">again</a>' in html


def test_a_station_above_is_announced(env: Environment):
    stops = (Stop(118.38, 31.33, {}, parent=1), Stop(119.9, 31.33, {1: Can()}))
    found, _ = answered(question(services=(1,)), stops)
    assert found.escalated
    html = env.from_string(PAGE).render(found=found)
    assert "附近没有可以办理的站点" in html


def test_no_page_of_the_room_has_style_or_script_of_its_own():
    folder = Path(__file__).resolve().parents[2] / "app" / "routing" / "templates"
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "style=" not in text
        assert "<script" not in text
