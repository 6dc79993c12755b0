"""A letter says who writes, leads to the portal only, and speaks the reader's language."""

import pytest

from app.kit.i18n import use_locale
from app.notify.letters import Letter, Letterhead

HEAD = Letterhead("芜湖市质量基础设施一站式服务", "Wuhu one-stop services", "https://onestop.example/")


def test_a_letter_in_english_is_complete():
    letter = Letter("Confirm", ["Please confirm your address."], "/register/confirm?token=abc", "Good for a day.")
    with use_locale("en"):
        assert letter.text(HEAD) == (
            "Please confirm your address.\n\n"
            "https://onestop.example/register/confirm?token=abc\n\n"
            "Good for a day.\n\n"
            "-- \n"
            "Wuhu one-stop services\n"
            "You get this mail because this address was given at Wuhu one-stop services.\n"
            "It was sent automatically; please do not reply to it.\n"
        )


def test_a_letter_in_chinese_names_the_network_in_chinese():
    with use_locale("zh-CN"):
        text = Letter("确认", ["请确认您的邮箱。"]).text(HEAD)
    assert "芜湖市质量基础设施一站式服务" in text
    assert "请勿回复" in text
    assert "https://" not in text


def test_the_reason_can_be_said_more_exactly():
    with use_locale("en"):
        text = Letter("s", ["p"], why="You get this mail because you are an owner of Anhui Foods.").text(HEAD)
    assert "owner of Anhui Foods" in text
    assert "address was given" not in text


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "a", "", "/a\nb", "/a b\r"]
)
def test_a_link_leads_nowhere_else(path: str):
    with pytest.raises(ValueError, match="path of the portal"):
        HEAD.link(path)
