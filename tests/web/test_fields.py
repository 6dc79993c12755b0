import re

import httpx

from app.web.fields import attributes, described_by, field_attributes, field_id


def test_an_id_follows_from_the_name():
    assert field_id("applicant.uscc") == "f-applicant-uscc"
    assert field_id("items[0].quantity") == "f-items-0-quantity"


def test_attributes_leave_out_what_is_not_there_and_escape_the_rest():
    assert attributes({"a": None, "b": False, "c": "", "d": True, "e": 0, "f": '"<&'}) == ' d e="0" f="&#34;&lt;&amp;"'


def test_hint_and_error_are_tied_to_the_field():
    assert described_by("a", "hint", "error") == {"aria-describedby": "f-a-hint f-a-error"}
    assert described_by("a") == {}


def test_a_field_at_fault_says_so():
    wrong = field_attributes("a", "", "Enter a name", True, {"maxlength": 5}, type="text", value="")
    assert (
        wrong
        == ' id="f-a" name="a" required aria-describedby="f-a-error" aria-invalid="true" type="text" maxlength="5"'
    )


async def test_every_field_of_the_gallery_has_a_label_and_every_reference_its_target(visitor: httpx.AsyncClient):
    html = (await visitor.get("/gallery")).text
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for targets in re.findall(r'\b(?:for|aria-describedby|aria-controls)="([^"]+)"', html):
        assert set(targets.split()) <= set(ids)
    fields = re.findall(r'<(?:input|select|textarea)[^>]*\bid="([^"]+)"', html)
    assert set(fields) <= set(re.findall(r'<label[^>]*\bfor="([^"]+)"', html))


async def test_rare_characters_and_markup_that_were_typed_come_back_as_they_were(visitor: httpx.AsyncClient):
    html = (await visitor.get("/gallery")).text
    assert 'value="龘䶮𠮷有限公司"' in html
    assert "\na\n&lt;b&gt;</textarea>" in html
