"""The notice that ships, by both doors."""

import re

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.accounts.queries.notice import notices, operator
from app.accounts.rules.notice import Operator, blocks

pytestmark = pytest.mark.anyio


def test_both_languages_of_every_version_have_the_same_structure():
    for notice in notices():
        zh, en = blocks(notice.text_zh), blocks(notice.text_en)
        assert [(block.kind, len(block.lines)) for block in zh] == [(block.kind, len(block.lines)) for block in en]


def test_no_notice_names_a_phone_number_or_an_address_that_nobody_gave():
    for notice in notices():
        assert not re.search(r"\d{5,}|@|https?://", notice.text_zh + notice.text_en)


async def test_the_notice_in_force_is_sent_in_both_languages_without_empty_places(client: AsyncClient):
    answer = await client.get("/api/v1/consent")
    assert answer.status_code == 200
    body = answer.json()
    assert body["version"] == "2026-11-28"
    assert "个人信息保护法" in body["text_zh"]
    assert "Personal Information Protection Law" in body["text_en"]
    assert "{" not in body["text_zh"] + body["text_en"]
    assert "运营方：" not in body["text_zh"]


async def test_the_operator_is_named_where_an_installation_says_who_it_is(app: FastAPI, client: AsyncClient):
    app.dependency_overrides[operator] = lambda: Operator("芜湖质站运营中心", "", "服务台")
    text = (await client.get("/api/v1/consent")).json()["text_zh"]
    assert "运营方：芜湖质站运营中心" in text
    assert "联系方式：服务台" in text


async def test_the_page_shows_the_notice_in_the_readers_language(client: AsyncClient):
    page = await client.get("/privacy")
    assert page.status_code == 200
    assert "<h2>六、您的权利</h2>" in page.text
    english = await client.get("/privacy", params={"lang": "en"})
    assert "<h2>6. Your rights</h2>" in english.text
    assert "2026-11-28" in english.text
