import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.kit.text import MESSAGES, TextError
from app.kit.uscc import (
    ALPHABET,
    Misfit,
    Uscc,
    UsccProblem,
    check,
    check_character,
    normalise,
    organisation_check_digit,
    require,
)

REAL = ["91110000600037341L", "91110108551385082Q", "91110000101623741K", "911101066976941872"]
FIRST = REAL[0]


def replaced(code, index, character):
    return code[:index] + character + code[index + 1 :]


@st.composite
def codes(draw):
    """Codes with both check digits right, of any department, kind, division and organisation."""
    body = draw(st.text(ALPHABET, min_size=2, max_size=2)) + draw(st.text(string.digits, min_size=6, max_size=6))
    organisation = draw(st.text(ALPHABET, min_size=8, max_size=8))
    body += organisation + organisation_check_digit(organisation)
    return body + check_character(body)


@pytest.mark.parametrize("code", REAL)
def test_a_real_code_is_right(code):
    result = check(code)
    assert result.ok
    assert result.code == code
    assert result.problem is None
    assert result.wrong_places == ()


def test_a_code_with_a_slip_is_refused_for_the_digit_that_shows_it():
    result = check("91350211M0000XUF46")
    assert result.problem is UsccProblem.CHECK_DIGIT
    assert not result.ok
    assert (result.organisation_ok, result.final_ok, result.wrong_places) == (True, False, (18,))


def test_a_wrong_organisation_digit_under_a_right_last_character_is_told_apart():
    body = replaced(FIRST[:17], 16, "2")
    result = check(body + check_character(body))
    assert result.problem is UsccProblem.CHECK_DIGIT
    assert (result.organisation_ok, result.final_ok, result.wrong_places) == (False, True, (17,))


def test_the_organisation_code_of_the_standard_checks():
    # GB 11714-1997 shows D2143569-X as its example.
    assert organisation_check_digit("D2143569") == "X"


@pytest.mark.parametrize(
    "typed",
    [
        FIRST.lower(),
        f"  {FIRST}\n",
        "9111 0000 6000 3734 1L",
        "91110000-60003734-1L",
        "９１１１００００６０００３７３４１Ｌ",
        "９１１１００００６０００３７３４１ｌ",
        "\ufeff911100\u200b00600037341L",
        "91110000–600037341—L",
        "91110000\u3000600037341\u00a0L",
    ],
)
def test_a_code_is_normalised_however_it_is_typed(typed):
    assert normalise(typed) == FIRST
    assert check(typed).ok


@pytest.mark.parametrize("text", ["", "9", FIRST[:-1], FIRST + "1", FIRST * 1000, "340202000012345"])
def test_a_wrong_length_is_told_before_anything_else(text):
    result = check(text)
    assert result.problem is UsccProblem.LENGTH
    assert len(result.code) == len(text)
    assert (result.misfits, result.organisation_ok, result.final_ok) == ((), None, None)


@pytest.mark.parametrize(
    ("character", "instead"), [("I", "1"), ("O", "0"), ("Z", "2"), ("S", "5"), ("V", ""), ("好", ""), ("*", "")]
)
def test_a_character_that_is_not_used_is_named_with_its_place_and_what_it_is_mistaken_for(character, instead):
    result = check(replaced(FIRST, 9, character))
    assert result.problem is UsccProblem.CHARACTER
    assert result.misfits == (Misfit(10, character, instead),)
    assert result.wrong_places == (10,)
    assert (result.organisation_ok, result.final_ok) == (None, None)


def test_every_misfit_is_named_at_once():
    assert check("9I110000600O37341L").wrong_places == (2, 12)


@pytest.mark.parametrize("index", range(2, 8))
def test_the_division_is_digits_only(index):
    assert check(replaced(FIRST, index, "A")).misfits == (Misfit(index + 1, "A", ""),)


def test_letters_stand_at_the_first_two_places():
    body = "N2340202MB1234567"[:16]
    body += organisation_check_digit(body[8:])
    assert check(body + check_character(body)).ok


def test_digits_of_other_scripts_are_no_digits():
    assert check(replaced(FIRST, 3, "١")).problem is UsccProblem.CHARACTER


@given(codes())
def test_a_code_built_by_the_standard_is_right(code):
    assert check(code).ok


@given(codes())
def test_both_sums_vanish_as_the_standards_have_it(code):
    """The check equations, worked in another way: Horner from the end, and a sum that includes the check digit."""
    remainder = 0
    for character in reversed(code[:17]):
        remainder = (remainder * 3 + ALPHABET.index(character)) % 31
    assert (remainder + ALPHABET.index(code[17])) % 31 == 0
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum((string.digits + string.ascii_uppercase).index(c) * w for c, w in zip(code[8:16], weights, strict=True))
    assert (total + (10 if code[16] == "X" else int(code[16]))) % 11 == 0


def slips(code):
    """Every code that differs by one other character of the alphabet, or by two neighbours changed over.

    31 is prime, each weight is a power of 3 and no two neighbours' weights are equal (3 - 1 and, at the end, 28 - 1
    are no multiples of 31), so the last check character alone catches all of them.
    """
    for index, old in enumerate(code):
        yield from (replaced(code, index, new) for new in ALPHABET if new != old)
    for index in range(17):
        one, two = code[index : index + 2]
        if one != two:
            yield code[:index] + two + one + code[index + 2 :]


@pytest.mark.parametrize("code", REAL)
def test_every_slip_of_one_character_or_two_neighbours_is_caught_in_a_real_code(code):
    assert [slip for slip in slips(code) if check(slip).ok] == []


@given(codes(), st.data())
def test_a_slip_in_any_code_is_caught(code, data):
    assert not check(data.draw(st.sampled_from(list(slips(code))))).ok


@given(codes(), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_the_last_character_alone_catches_every_substitution_before_it(code, index, character):
    if code[index] != character:
        assert check_character(replaced(code, index, character)[:17]) != code[17]


@given(st.text())
def test_any_text_is_examined_without_an_exception(text):
    result = check(text)
    assert result.ok == (result.problem is None)


@pytest.mark.parametrize(
    ("text", "code", "context"),
    [
        ("9111", "uscc_length", {"length": 4}),
        (replaced(FIRST, 9, "O"), "uscc_character", {"place": 10, "character": "O", "instead": "0"}),
        ("91350211M0000XUF46", "uscc_check_digit", {"places": "18"}),
        (replaced(FIRST, 17, "M"), "uscc_check_digit", {"places": "18"}),
        (replaced(FIRST, 9, "1"), "uscc_check_digit", {"places": "17, 18"}),
    ],
)
def test_the_type_refuses_with_a_code_and_its_data(text, code, context):
    with pytest.raises(TextError) as refused:
        require(text)
    assert (refused.value.code, refused.value.context) == (code, context)
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Uscc).validate_python(text)
    [error] = caught.value.errors()
    assert (error["type"], error["ctx"]) == (code, context)
    assert error["msg"] == MESSAGES[code].format(**context)


@given(codes())
def test_the_type_takes_a_right_code_and_its_json_schema_allows_it(code):
    adapter = TypeAdapter(Uscc)
    assert adapter.validate_python(f" {code.lower()} ") == code
    assert re.fullmatch(adapter.json_schema()["pattern"], code)
