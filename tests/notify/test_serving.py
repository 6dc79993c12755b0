"""The application that serves also delivers, unless it is told to leave that to others."""

import asyncio
from pathlib import Path
from typing import Literal

from fastapi import FastAPI

from app.config import MailSettings
from app.kit.clock import now
from app.kit.db import Database
from app.notify.delivery import Deliverer
from tests.conftest import furnished, make_settings
from tests.notify.postbox import state, write


def application(url: str, home: Path, deliver: Literal["on", "off"]) -> FastAPI:
    settings = make_settings(url, home, jobs="on")
    settings.mail = MailSettings(deliver=deliver)
    return furnished(settings)


async def test_a_mail_posted_while_it_serves_is_delivered(mails: Database, database_url: str, tmp_path: Path):
    app = application(database_url, tmp_path, "on")
    async with app.router.lifespan_context(app):
        await write(mails, at=await now())
        async with asyncio.timeout(30):
            while (await state(mails))["sent_at"] is None:  # noqa: ASYNC110 - the other side is a database
                await asyncio.sleep(0.01)
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1


async def test_a_process_may_leave_delivery_to_others(mails: Database, database_url: str, tmp_path: Path):
    app = application(database_url, tmp_path, "off")
    assert not any(isinstance(job, Deliverer) for job in app.state.jobs)
    async with app.router.lifespan_context(app):
        await write(mails, at=await now())
    assert (await state(mails))["sent_at"] is None


def test_links_lead_to_the_address_that_the_operator_set(database_url: str, tmp_path: Path):
    app = application(database_url, tmp_path, "off")
    assert app.state.letterhead.link("/register") == "http://127.0.0.1:8000/register"
