import re
import unicodedata
from typing import Annotated

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.kit.text import (
    MESSAGES,
    Email,
    Line,
    Paragraph,
    Phone,
    TextError,
    clean,
    is_mobile,
    mask_mobile,
    normalise_email,
    normalise_phone,
    to_halfwidth,
)

RARE = "𠮷野家 𬭎 𫚖 㐂 \U0002f81a 神"


def refusal(function, *args, **options):
    with pytest.raises(TextError) as caught:
        function(*args, **options)
    return caught.value.code, caught.value.context


def test_han_beyond_the_basic_plane_and_compatibility_forms_are_kept_as_typed():
    assert clean(RARE) == RARE


def test_variation_sequences_of_a_han_character_are_kept():
    assert clean("葛\U000e0100飾") == "葛\U000e0100飾"


def test_letters_are_composed():
    assert clean("Cafe\u0301") == "Café"


def test_blanks_at_both_ends_are_trimmed_and_those_inside_are_kept():
    assert clean("\u3000 芜湖  某公司\u00a0\n") == "芜湖  某公司"


def test_invisible_marks_that_programs_paste_along_are_dropped():
    assert clean("\ufeff\u202d138\u00ad1234\u200b5678\u202c") == "13812345678"


def test_joiners_that_scripts_and_emoji_need_are_kept():
    assert clean("👩\u200d🔧") == "👩\u200d🔧"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
@pytest.mark.parametrize("multiline", [False, True])
def test_a_control_character_is_refused_with_its_position(character, multiline):
    expected = {"position": 4, "character": f"U+{ord(character):04X}"}
    assert refusal(clean, f"  好{character}的", multiline=multiline) == ("text_control_character", expected)


@pytest.mark.parametrize("character", ["\n", "\t", "\r", "\u2028"])
def test_a_line_holds_no_tab_or_line_end_but_a_paragraph_does(character):
    assert refusal(clean, f"a{character}b")[0] == "text_control_character"
    assert clean(f"a{character}b", multiline=True) in {"a\tb", "a\nb"}


def test_line_ends_of_every_kind_become_newlines():
    assert clean("一\r\n二\r三\n四\u2029五", multiline=True) == "一\n二\n三\n四\n五"


def test_the_position_of_a_control_character_counts_in_the_text_as_given():
    assert refusal(clean, "a\r\nb\x00", multiline=True)[1]["position"] == 5


@given(st.text(), st.booleans())
def test_cleaning_is_idempotent_and_leaves_no_control_character(text, multiline):
    try:
        once = clean(text, multiline=multiline)
    except TextError:
        return
    assert clean(once, multiline=multiline) == once
    assert not {c for c in once if unicodedata.category(c) in {"Cc", "Cs"}} - set("\n\t" if multiline else "")


@given(st.text(st.characters(codec="gb18030", categories=["L", "N"]), min_size=1))
def test_letters_and_digits_of_the_chinese_character_set_are_never_refused(text):
    assert unicodedata.normalize("NFC", clean(text)) == unicodedata.normalize("NFC", text)


def test_full_width_becomes_half_width_and_chinese_punctuation_stays():
    assert to_halfwidth("Ａｂ９－＠　。、") == "Ab9-@ 。、"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13812345678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("0086-138-1234-5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("（＋８６）１３８　１２３４　５６７８", "13812345678"),
        ("\u202d138.1234.5678\u202c", "13812345678"),
        ("19912345678", "19912345678"),
        ("0553-5881234", "0553-5881234"),
        ("(0553) 588 1234", "0553-5881234"),
        ("05535881234", "0553-5881234"),
        ("0551－62345678", "0551-62345678"),
        ("010-88888888", "010-88888888"),
        ("+86 10 8888 8888", "010-88888888"),
        ("+86 (0)553 5881234", "0553-5881234"),
        ("+86-0553-5881234", "0553-5881234"),
        ("0553-5881234-801", "0553-5881234-801"),
        ("0553-5881234转801", "0553-5881234-801"),
        ("0553-5881234 ext. 801", "0553-5881234-801"),
    ],
)
def test_a_phone_number_has_one_form_however_it_is_typed(typed, kept):
    assert normalise_phone(typed) == kept
    assert normalise_phone(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12812345678",
        "1381234567",
        "138123456789",
        "5881234",
        "010-8888888",
        "0553-1881234",
        "0553-588123",
        "+1 202 555 0100",
        "١٣٨١٢٣٤٥٦٧٨",
        "1381234567a",
        "13812345678\x00",
        "0553-5881234-",
        "1" * 10_000,
    ],
)
def test_what_is_no_mainland_number_is_refused(typed):
    assert refusal(normalise_phone, typed) == ("mobile_invalid", {})


def test_only_a_mobile_number_can_get_messages():
    assert is_mobile("13812345678")
    assert not is_mobile("0553-5881234")
    assert not is_mobile("+8613812345678")


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("0553-5881234", "0553-***1234"),
        ("010-88881234", "010-****1234"),
        ("0553-5881234-801", "0553-***1234"),
        ("secret", "******"),
        ("", ""),
    ],
)
def test_a_masked_number_shows_its_ends_only(number, masked):
    assert mask_mobile(number) == masked


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a@b.cn", "a@b.cn"),
        (" Zhang.San+wuhu@Example.COM ", "Zhang.San+wuhu@example.com"),
        ("ｚｈａｎｇ＠ｅｘａｍｐｌｅ。ｃｏｍ", "zhang@example.com"),
        ("info@例子.中国", "info@例子.中国"),
        ("x@xn--fiqs8s.xn--fiqs8s", "x@xn--fiqs8s.xn--fiqs8s"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_an_email_address_is_taken_and_its_domain_put_in_lower_case(typed, kept):
    assert normalise_email(typed) == kept
    assert normalise_email(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "example.com",
        "@example.com",
        "a@",
        "a@localhost",
        "a@b..cn",
        "a@.cn",
        "a@-b.cn",
        "a@b-.cn",
        "a@b_c.cn",
        "a@127.0.0.1",
        "a@[127.0.0.1]",
        ".a@b.cn",
        "a.@b.cn",
        "a..b@b.cn",
        "a b@b.cn",
        "a@b@c.cn",
        "a@b.cn, c@d.cn",
        "张三@example.com",
        '"quoted"@example.com',
        "a@b.cn\x00",
        "a@b.cn\r\nBcc: c@d.cn",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.cn",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 10}.cn",
        f"a@{'.'.join(['例' * 20] * 12)}.中国",
    ],
)
def test_what_is_no_email_address_is_refused(typed):
    assert refusal(normalise_email, typed) == ("email_invalid", {})


@given(st.emails())
def test_every_ordinary_address_of_the_mail_standard_is_taken(address):
    local, _, domain = address.rpartition("@")
    assert normalise_email(address) == f"{local}@{domain.lower()}"


@given(st.text())
def test_any_text_is_either_taken_or_refused_by_name(text):
    for function in (normalise_phone, normalise_email, clean):
        try:
            function(text)
        except TextError as error:
            code = error.code
        else:
            code = None
        assert code is None or code in MESSAGES


class Form(BaseModel):
    name: Annotated[str, Line(4)]
    note: Annotated[str, Paragraph(10, blank=True)] = ""
    mobile: Phone = "13812345678"
    email: Email | None = None


def errors(**fields):
    with pytest.raises(ValidationError) as caught:
        Form(**fields)
    return [(error["loc"], error["type"], error.get("ctx", {})) for error in caught.value.errors()]


def test_the_types_clean_what_they_take():
    form = Form(name=" 𠮷野家 ", note="一\r\n二 ", mobile="+86 13912345678", email=" A@B.CN ")
    assert form.model_dump() == {"name": "𠮷野家", "note": "一\n二", "mobile": "13912345678", "email": "A@b.cn"}


def test_length_counts_characters_after_cleaning_not_bytes():
    assert Form(name="  𠮷𠮷𠮷𠮷  ").name == "𠮷𠮷𠮷𠮷"
    assert errors(name="五个字也太") == [(("name",), "text_too_long", {"limit": 4, "length": 5})]


def test_every_field_at_fault_is_named_with_its_code_and_data():
    assert errors(name="\u3000", note="a\x00b", mobile="123", email="x") == [
        (("name",), "text_blank", {}),
        (("note",), "text_control_character", {"position": 2, "character": "U+0000"}),
        (("mobile",), "mobile_invalid", {}),
        (("email",), "email_invalid", {}),
    ]


def test_the_message_of_a_type_is_the_msgid_filled_in():
    with pytest.raises(ValidationError) as caught:
        Form(name="12345")
    [error] = caught.value.errors()
    assert error["msg"] == MESSAGES["text_too_long"].format(**error["ctx"])


def test_what_is_not_text_or_half_a_character_is_refused():
    assert errors(name=5)[0][1] == "string_type"
    assert errors(name="\ud800")[0][1] == "text_control_character"


def test_the_json_schema_tells_the_limits():
    properties = Form.model_json_schema()["properties"]
    assert properties["name"] == {
        "title": "Name",
        "type": "string",
        "minLength": 1,
        "maxLength": 4,
        "pattern": Line.visible,
    }
    assert properties["note"] == {"title": "Note", "type": "string", "default": "", "maxLength": 10}


@pytest.mark.parametrize("kind", [Line(200), Paragraph(200)])
def test_what_the_json_schema_allows_is_taken(kind):
    adapter = TypeAdapter(Annotated[str, kind])
    # Invisible marks and code points that no XML may hold are left to the error message.
    odd = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")

    @given(st.from_regex(adapter.json_schema()["pattern"], fullmatch=True))
    def check(text):
        assume(len(text) <= 200 and not odd.search(text))
        assert adapter.validate_python(text)

    check()
