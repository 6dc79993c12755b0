import hashlib
import itertools
import re
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.ids import (
    ALPHABET,
    ReferenceCharacterError,
    ReferenceCheckError,
    ReferenceFormatError,
    ReferenceLengthError,
    access_code,
    hash_secret,
    matches,
    new_id,
    new_reference,
    new_secret,
    normalise_access_code,
    parse_reference,
)

KEY = b"k" * 32
# A digit that comes to stand in the prefix is a wrong character before any check is worked.
SLIP = (ReferenceCheckError, ReferenceCharacterError)
ID = UUID("0190a1b2-c3d4-7567-89ab-cdef01234567")

prefixes = st.text(ALPHABET[10:], min_size=1, max_size=4)
references = st.builds(lambda prefix, seed: new_reference(prefix, seeded(seed)), prefixes, st.integers(0, 2**32 - 1))


def seeded(seed):
    """A source of bytes that gives other bytes each time, the same for the same seed."""
    counter = itertools.count()
    return lambda size: hashlib.shake_128(f"{seed}/{next(counter)}".encode()).digest(size)


def test_an_id_is_a_uuid_of_version_7():
    made = new_id()
    assert made.version == 7
    assert made.variant == RFC_4122


def test_an_id_holds_its_millisecond_and_the_fraction_of_it():
    # The example of RFC 9562, appendix A.6: 2022-02-22 14:22:22 -05:00.
    made = new_id(clock=lambda: 0x017F22E279B0 * 1_000_000, random=lambda size: b"\x00" * size)
    assert str(made) == "017f22e2-79b0-7000-8000-000000000000"
    later = new_id(clock=lambda: 0x017F22E279B0 * 1_000_000 + 999_999, random=lambda size: b"\xff" * size)
    assert str(later) == "017f22e2-79b0-7fff-bfff-ffffffffffff"


@given(st.lists(st.integers(0, 2**67), unique=True, min_size=2, max_size=2))
def test_ids_sort_by_time_when_a_quarter_microsecond_apart(times):
    early, late = sorted(times)
    late += 300
    first = new_id(clock=lambda: early, random=lambda size: b"\xff" * size)
    assert first < new_id(clock=lambda: late, random=lambda size: b"\x00" * size)


def test_ids_made_one_after_another_differ():
    assert len({new_id(clock=lambda: 5) for _ in range(1000)}) == 1000


def test_a_secret_is_long_random_and_fit_for_a_link():
    assert len({new_secret() for _ in range(100)}) == 100
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", new_secret())
    assert len(new_secret(16)) == 22


def test_a_secret_matches_its_hash_and_nothing_else_does():
    secret = new_secret()
    digest = hash_secret(secret)
    assert digest == hashlib.sha256(secret.encode()).digest()
    assert matches(secret, digest)
    assert not matches(secret + "x", digest)
    assert not matches("", digest)


def test_a_short_code_is_hashed_under_a_key():
    digest = hash_secret("ABCD-EFGH", KEY)
    assert digest != hash_secret("ABCD-EFGH")
    assert matches("ABCD-EFGH", digest, KEY)
    assert not matches("ABCD-EFGH", digest)
    assert not matches("ABCD-EFGH", digest, b"another")


@given(st.text(st.characters()))
def test_any_text_can_be_compared(text):
    assert not matches(text, b"\x00" * 32)


def test_a_reference_has_the_shape_that_is_printed():
    assert new_reference("ZT", random=lambda size: bytes(range(size))) == "ZT-000G-40R4-Z"
    assert re.fullmatch(rf"WH-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]", new_reference("WH"))


@pytest.mark.parametrize("prefix", ["", "wh", "OS", "1A", "ABCDE", "U", "芜"])
def test_a_prefix_that_could_be_misread_is_refused(prefix):
    with pytest.raises(ValueError, match="one to four letters"):
        new_reference(prefix)


@given(references)
def test_a_reference_is_read_back(reference):
    assert parse_reference(reference) == reference


@given(references, st.sampled_from("oO"), st.sampled_from("iIlL"))
def test_a_reference_is_read_however_it_is_typed(reference, nought, one):
    typed = reference.lower().replace("-", " ").replace("0", nought).replace("1", one)
    wide = "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in typed)
    assert parse_reference(typed) == parse_reference(wide) == parse_reference(f"\ufeff{typed}\n") == reference
    assert parse_reference(reference.replace("-", "—")) == reference


def test_the_prefix_may_be_left_out_where_it_is_known():
    reference = new_reference("WH")
    assert parse_reference(reference.removeprefix("WH-"), prefix="WH") == reference
    assert parse_reference(reference, prefix="ZT") == reference
    with pytest.raises(ReferenceLengthError):
        parse_reference(reference.removeprefix("WH-"))


@given(references)
def test_every_wrong_character_is_caught(reference):
    plain = reference.replace("-", "")
    for index, old in enumerate(plain):
        for new in ALPHABET:
            if new != old:
                with pytest.raises(SLIP):
                    parse_reference(plain[:index] + new + plain[index + 1 :])


@given(references)
def test_two_neighbours_changed_over_are_caught(reference):
    plain = reference.replace("-", "")
    for index, (one, two) in enumerate(itertools.pairwise(plain)):
        if one != two:
            with pytest.raises(SLIP):
                parse_reference(plain[:index] + two + one + plain[index + 2 :])


@pytest.mark.parametrize("typed", ["7K3M-9QXD-5", "WHWHW-7K3M-9QXD-5", "WH-7K3M", "", "WH" * 5000])
def test_a_reference_of_the_wrong_length_is_refused(typed):
    with pytest.raises(ReferenceLengthError) as refused:
        parse_reference(typed)
    assert refused.value.length == len(typed.replace("-", ""))


def test_a_prefix_has_no_digits():
    with pytest.raises(ReferenceCharacterError) as refused:
        parse_reference("W1-7K3M-9QXD-5")
    assert (refused.value.place, refused.value.character) == (2, "1")


def test_a_character_that_no_reference_has_is_named_with_its_place():
    with pytest.raises(ReferenceCharacterError) as character:
        parse_reference("WH-7K3M-9U*D-5")
    assert (character.value.place, character.value.character) == (8, "U")


@given(st.text(), prefixes)
def test_any_text_is_read_or_refused_as_a_reference(text, prefix):
    try:
        reference = parse_reference(text, prefix)
    except ReferenceFormatError:
        return
    assert parse_reference(reference) == reference


def test_an_access_code_is_the_same_for_the_same_request_and_key():
    assert access_code(KEY, ID) == access_code(KEY, UUID(str(ID)))
    assert access_code(KEY, ID) != access_code(b"another key", ID)
    assert access_code(KEY, ID) != access_code(KEY, new_id())


@given(st.binary(min_size=1), st.uuids())
def test_an_access_code_is_two_groups_of_four_readable_characters(key, request_id):
    code = access_code(key, request_id)
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code)
    assert normalise_access_code(code) == code
    assert normalise_access_code(code.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == code


@given(st.text())
def test_what_is_no_access_code_matches_none(text):
    code = normalise_access_code(text)
    assert len(code) <= 11
    assert normalise_access_code(code) == code
    assert code != access_code(KEY, ID)


def test_a_longer_text_is_not_cut_down_to_a_code():
    code = access_code(KEY, ID)
    assert normalise_access_code(code + "X") != code
