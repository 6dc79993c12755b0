import httpx
import pytest

from app.web.failures import FAILURES, failure


@pytest.mark.parametrize("status", [403, 404, 405, 409, 410, 422, 429, 500, 503])
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_each_failure_has_a_page_with_its_next_step(visitor: httpx.AsyncClient, status: int, locale: str):
    answer = await visitor.get(f"/error/{status}", headers={"Accept-Language": locale})
    words = FAILURES[status]
    assert answer.status_code == status
    assert answer.headers["content-language"] == locale
    assert (str(words.next_step) in answer.text) is (locale == "zh-CN")
    assert 'href="/"' in answer.text.partition("<main")[2]


async def test_what_is_ours_to_mend_can_be_tried_again_and_quoted(visitor: httpx.AsyncClient):
    text = (await visitor.get("/error/500")).text
    assert "0f3c1a" in text
    assert 'href="/error/500"' in text.partition("<main")[2]
    assert (
        'href="/error/404"' not in (await visitor.get("/error/404")).text.partition("<main")[2].partition("</main")[0]
    )


@pytest.mark.parametrize(("status", "like"), [(418, 400), (504, 500), (507, 500)])
def test_a_status_without_words_of_its_own_has_those_of_its_class(status: int, like: int):
    assert failure(status) is FAILURES[like]
