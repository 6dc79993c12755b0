"""What a group reads: short, whole lines, never more than the smallest chat takes."""

import pytest

from app.kit.i18n import use_locale
from app.webhooks.rules.kinds import KINDS, PING
from app.webhooks.rules.telling import MOST_BYTES, News, message

PAGES, LIST = "https://onestop.example/r/", "https://onestop.example/organisation/7/requests"


def news(n: int = 1, station: str = "镜湖服务站") -> News:
    return News("request.accepted", {"reference": f"ZT-7K3M-{n:04}"}, station)


def test_a_line_has_the_reference_what_happened_where_and_a_link():
    with use_locale("zh-CN"):
        assert (
            message([news()], PAGES, LIST)
            == "ZT-7K3M-0001 申请已受理 · 镜湖服务站 https://onestop.example/r/ZT-7K3M-0001"
        )
    with use_locale("en"):
        assert message([news(station="Jinghu")], PAGES, LIST) == (
            "ZT-7K3M-0001 Request accepted · Jinghu https://onestop.example/r/ZT-7K3M-0001"
        )


@pytest.mark.parametrize("count", [2, 12, 20, 500])
@pytest.mark.parametrize("station", ["", "站", "中南街道质量基础设施一站式服务站（含强制检定受理窗口）"])
def test_whatever_there_is_fits_and_what_doesnt_is_counted(count: int, station: str):
    with use_locale("en"):
        text = message([news(n, station) for n in range(count)], PAGES, LIST)
    assert len(text.encode()) <= MOST_BYTES
    lines = text.split("\n")
    rest = int(lines[-1].split(" ")[1]) if lines[-1].startswith("and ") else 0
    assert len(lines) - bool(rest) + rest == count
    assert all(line.endswith(f"/r/ZT-7K3M-{n:04}") for n, line in enumerate(lines[: len(lines) - bool(rest)]))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_kind_has_words_and_what_has_no_reference_no_link(locale: str):
    with use_locale(locale):
        for kind in KINDS:
            assert kind not in message([News(kind, {"reference": "ZT-1"}, "")], PAGES, LIST)
        assert "http" not in message([News(PING, {"webhook_id": "7"}, "")], PAGES, LIST)
        assert message([News("report.sent", {}, "")], PAGES, LIST) == "report.sent"
