"""Names and addresses fit for a screen."""

import pytest

from app.kit.text import mask_email, mask_name
from app.requests.masking import masked_text


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("wang@example.com", "w***@example.com"),
        ("w@example.com", "w***@example.com"),
        ("@example.com", "************"),
        ("secret", "******"),
        ("", ""),
    ],
)
def test_a_masked_address_shows_its_first_sign_and_its_domain(address, masked):
    assert mask_email(address) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("王芳", "王*"), ("欧阳修远", "欧*"), ("𠮷", "𠮷*"), ("Li Lei", "L*"), ("", "")]
)
def test_a_masked_name_shows_its_first_sign_whatever_its_length(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请提前电话联系", "请提前电话联系"),
        ("司机13912345678，货车", "司机***78，货车"),
        ("0553-588 1234 或 wang.fang@example.com。", "***34 或 w***@example.com。"),
        ("3 台，2026 年", "3 台，2026 年"),
    ],
)
def test_numbers_and_addresses_in_a_text_are_masked_and_the_rest_stays(text, masked):
    assert masked_text(text) == masked
