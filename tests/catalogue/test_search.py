"""The search engine on the reference catalogue: judged queries, rules of ranking, and what no query may do."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.search import Entry, How, Nearest, SearchIndex
from app.catalogue.search.fold import data_lines, fold
from app.catalogue.search.sounds import readings
from app.catalogue.search.synonyms import GROUPS, TOPICS

HERE = Path(__file__).parent
CATALOGUE = json.loads((HERE.parents[1] / "app/data/reference/catalogue.json").read_text(encoding="utf-8"))
CATEGORIES = {category["code"]: category for category in CATALOGUE["categories"]}
ENTRIES = [
    Entry(
        code=item["code"],
        category=item["category"],
        category_zh=CATEGORIES[item["category"]]["name_zh"],
        category_en=CATEGORIES[item["category"]]["name_en"],
        subcategory=item["subcategory"],
        name_zh=item["name_zh"],
        name_en=item["name_en"],
        keywords_zh=tuple(item["keywords_zh"]),
    )
    for item in CATALOGUE["items"]
]
INDEX = SearchIndex(ENTRIES)
PRESSURE_GAUGE = "MET-MEC-015"


def judged(name: str) -> list[tuple[str, set[str], int]]:
    rows = (line.split("\t") for line in (HERE / name).read_text(encoding="utf-8").splitlines() if line[0] != "#")
    return [(query, set(codes.split()), int(within)) for query, codes, within in rows]


def first(query: str) -> str | None:
    return next((hit.code for hit in INDEX.search(query, 1)), None)


def codes(query: str, limit: int = 200) -> list[str]:
    return [hit.code for hit in INDEX.search(query, limit)]


def entry(code: str, name_zh: str, *keywords: str, category: str = "c", name_en: str = "Thing") -> Entry:
    return Entry(code, category, "类", "Family", None, name_zh, name_en, keywords)


@pytest.mark.parametrize("table", ["test_search_judged.tsv", "test_search_held_out.tsv"])
def test_every_judged_query_finds_what_was_meant(table: str) -> None:
    missed = {
        query: (found, wanted)
        for query, wanted, within in judged(table)
        if not wanted & set(found := codes(query, within))
    }
    assert missed == {}


def test_there_are_enough_judged_queries_to_mean_something() -> None:
    assert len(judged("test_search_judged.tsv")) >= 120
    assert len(judged("test_search_held_out.tsv")) >= 40


@pytest.mark.parametrize("item", ENTRIES, ids=lambda item: item.code)
def test_every_service_comes_first_by_its_own_code_and_names(item: Entry) -> None:
    assert first(item.code) == item.code
    assert first(item.name_zh) == item.code
    assert first(item.name_en) == item.code


def test_every_keyword_finds_its_service_among_the_first_three() -> None:
    assert [word for item in ENTRIES for word in item.keywords_zh if item.code not in codes(word, 3)] == []


def test_every_synonym_leads_to_something_that_exists_and_ranks_it_high() -> None:
    for group in GROUPS:
        bearers = {
            e.code for e in ENTRIES if group.target in fold(e.name_zh) or group.target in map(fold, e.keywords_zh)
        }
        assert bearers, group.target
        assert [other for other in group.others if not bearers & set(codes(other, 5))] == []


def test_topics_lead_to_categories_that_exist() -> None:
    assert set(TOPICS) == set(CATEGORIES)


@pytest.mark.parametrize(
    "noise", ["", " ", "asdfgh", "🙂", "，。！？…", "\x00", "\ud800", "qwerty" * 2000, "你好", "天气预报"]
)
def test_noise_finds_nothing_and_suggests_nothing(noise: str) -> None:
    assert INDEX.search(noise, 20) == []
    assert INDEX.suggest(noise, 8) == []
    assert INDEX.did_you_mean(noise) == Nearest((), ())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.text("压力表检定校准yalibiao 09-（）的怎么", max_size=80))
def test_no_text_whatever_raises(text: str) -> None:
    hits = INDEX.search(text, 20)
    assert len(INDEX.suggest(text, 20)) == len(hits)
    assert all(hit.score > 0 for hit in hits)
    INDEX.did_you_mean(text)


def test_only_the_first_64_characters_count() -> None:
    assert first("压力表" + " " * 10_000) == PRESSURE_GAUGE
    assert first(" " * 64 + "压力表") is None


def test_an_exact_name_beats_a_keyword_beats_a_beginning_beats_the_inside() -> None:
    index = SearchIndex(
        [entry("D", "新水泵座"), entry("C", "水泵座圈"), entry("B", "别物", "水泵座"), entry("A", "水泵座")]
    )
    assert [hit.code for hit in index.search("水泵座", 9)] == ["A", "B", "C", "D"]


def test_equal_scores_are_in_the_order_of_codes_whatever_the_order_of_entries() -> None:
    entries = [entry(code, f"水泵{letter}") for code, letter in zip("CABD", "甲乙丙丁", strict=True)]
    for given_ in (entries, entries[::-1]):
        assert [hit.code for hit in SearchIndex(given_).search("水泵", 9)] == ["A", "B", "C", "D"]


def test_words_in_another_order_and_filling_do_not_matter() -> None:
    assert first("检定 压力表") == first("请问压力表怎么办理检定") == first("压力表") == PRESSURE_GAUGE


def test_the_kind_of_work_decides_between_things_of_the_same_name() -> None:
    index = SearchIndex([entry("A", "阀体检测"), entry("B", "阀体检定"), entry("C", "阀体认证")])
    assert [index.search(f"阀体{work}", 1)[0].code for work in ("测试", "校验", "办证")] == ["A", "B", "C"]


def test_a_piece_that_fits_nothing_does_not_hide_the_others() -> None:
    assert first("老王家的压力表") == PRESSURE_GAUGE
    assert {"MET-GEO-001", "MET-GEO-002"} <= set(codes("卡尺 千分尺"))


def test_search_keeps_to_the_limit_and_to_the_categories() -> None:
    assert len(INDEX.search("检定", 5)) == 5
    assert codes("机器人")[0] == "TST-017"
    assert [hit.code for hit in INDEX.search("机器人", 9, ["certification"])] == ["CRT-018"]
    assert INDEX.search("机器人", 9, []) == []


def test_the_name_of_a_category_finds_all_its_services() -> None:
    in_category = {e.code for e in ENTRIES if e.category == "ip"}
    assert set(codes("知识产权")) == in_category


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ("met-mec-015", How.CODE),
        ("弹性元件式一般压力表检定", How.NAME),
        ("压力表", How.KEYWORD),
        ("指针压力表", How.SYNONYM),
        ("yalibiao", How.PINYIN),
        ("ylb", How.INITIALS),
        ("压力彪", How.SOUND),
        ("yalibioa", How.SLIP),
    ],
)
def test_a_hit_says_by_what_it_was_found(query: str, how: How) -> None:
    hit = INDEX.search(query, 1)[0]
    assert (hit.code, hit.matched) == (PRESSURE_GAUGE, how)


@pytest.mark.parametrize(
    ("query", "term", "marked"),
    [
        ("压力表校验", "压力表", ["压力表"]),
        ("ｙａｌｉｂ", "压力表", ["压力表"]),
        ("ylb", "压力表", ["压力表"]),
        ("yali表", "压力表", ["压力表"]),
        ("压力彪", "压力表", ["压力表"]),
        ("iso 9001", "ISO9001", ["ISO9001"]),
        ("presure gau", "General pressure gauge verification", ["pressure gau"]),
        ("yalibioa", "压力表", []),
    ],
)
def test_a_suggestion_shows_the_name_that_fits_and_which_part_of_it(query: str, term: str, marked: list[str]) -> None:
    suggestion = INDEX.suggest(query, 1)[0]
    assert suggestion.term == term
    assert [term[start:end] for start, end in suggestion.spans] == marked


def test_a_suggestion_marks_each_of_several_words() -> None:
    suggestion = INDEX.suggest("sound verification meter", 1)[0]
    assert [suggestion.term[start:end].lower() for start, end in suggestion.spans] == ["sound", "meter"]


def test_a_slip_is_offered_in_its_right_spelling() -> None:
    assert INDEX.did_you_mean("yalibioa").terms[0] == "压力表"
    assert INDEX.did_you_mean("压力彪") == Nearest(("压力表", "数显压力表"), ("metrology",))


def test_what_is_clear_needs_no_other_spelling() -> None:
    assert INDEX.did_you_mean("压力表") == Nearest((), ())


def test_what_no_service_fits_leads_to_its_category() -> None:
    assert codes("显微镜") == []
    assert INDEX.did_you_mean("显微镜") == Nearest((), ("metrology",))
    assert INDEX.did_you_mean("评奖").categories == ("brand",)


def test_an_index_of_nothing_finds_nothing() -> None:
    empty = SearchIndex([])
    assert empty.search("压力表", 5) == []
    assert empty.did_you_mean("压力表") == Nearest((), ())


def test_names_without_letters_and_very_long_names_do_no_harm() -> None:
    index = SearchIndex([entry("A", "——", "、"), entry("B", "长" * 70_000)])
    assert [hit.code for hit in index.search("长长长", 5)] == ["B"]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＭＥＴ－０１５", "met 015"),
        ("壓力錶  檢定", "压力表 检定"),
        ("yālìbiǎo", "yalibiao"),
        ("lǜ / ü", "lv v"),
        ("①㎡", "1m2"),
        ("a\u0301\x00b", "a b"),
    ],
)
def test_what_is_written_in_many_ways_folds_into_one(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_every_character_of_the_catalogue_can_be_typed_in_pinyin() -> None:
    text = fold("".join(e.name_zh + "".join(e.keywords_zh) for e in ENTRIES))
    assert {character for character in text if "\u4e00" <= character <= "\u9fff" and not readings(character)} == set()


@pytest.mark.parametrize(
    ("character", "first_two"), [("校", ("jiao", "xiao")), ("重", ("zhong", "chong")), ("绿", ("lv", "lu"))]
)
def test_characters_of_two_readings_have_both(character: str, first_two: tuple[str, ...]) -> None:
    assert readings(character)[:2] == first_two


def test_the_data_files_hold_each_thing_once() -> None:
    targets = [line.split(": ")[0] for line in data_lines("synonyms.txt")]
    assert len(targets) == len(set(targets))
    assert all(len(line) % 2 == 0 for line in data_lines("traditional.txt"))
