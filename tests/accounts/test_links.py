"""Links that are mailed: good once, for a while, for one purpose."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.errors import LinkSpent
from app.accounts.models import MailToken
from app.accounts.service import links
from app.kit.db import Database, WriteSession
from tests.conftest import Clock

EMAIL = "wang@example.com"


async def test_looking_at_a_link_does_not_spend_it_but_using_it_does(session: WriteSession, clock: Clock):
    made = await links.make(session, "register", EMAIL, clock())
    assert (await links.look(session, "register", made.secret, clock())).email == EMAIL
    assert (await links.look(session, "register", made.secret, clock())).id == made.id
    assert (await links.spend(session, "register", made.secret, clock())).id == made.id
    for again in (links.look, links.spend):
        with pytest.raises(LinkSpent):
            await again(session, "register", made.secret, clock())


@pytest.mark.parametrize("purpose", ["register", "password"])
async def test_a_link_ends_with_its_lifetime(session: WriteSession, clock: Clock, purpose: links.Purpose):
    made = await links.make(session, purpose, EMAIL, clock())
    clock.move(links.LIFETIMES[purpose] - timedelta(seconds=1))
    await links.look(session, purpose, made.secret, clock())
    clock.move(timedelta(seconds=1))
    with pytest.raises(LinkSpent):
        await links.spend(session, purpose, made.secret, clock())


async def test_a_link_serves_no_other_purpose(session: WriteSession, clock: Clock):
    made = await links.make(session, "register", EMAIL, clock())
    with pytest.raises(LinkSpent):
        await links.spend(session, "password", made.secret, clock())


async def test_a_withdrawn_link_is_worth_nothing_and_others_stay(session: WriteSession, clock: Clock):
    first = await links.make(session, "password", EMAIL, clock())
    other = await links.make(session, "password", "li@example.com", clock())
    assert await links.withdraw(session, "password", clock(), MailToken.email == EMAIL) == [first.id]
    with pytest.raises(LinkSpent):
        await links.look(session, "password", first.secret, clock())
    await links.look(session, "password", other.secret, clock())


async def test_the_secret_is_not_in_the_database(session: WriteSession, clock: Clock):
    made = await links.make(session, "register", EMAIL, clock())
    row = (await session.execute(select(MailToken.__table__).where(MailToken.id == made.id))).one()
    assert made.secret not in repr(tuple(row))


@pytest.mark.parametrize("secret", ["", "x", "\x00", "\ud800", "长" * 1000])
async def test_what_was_never_made_is_a_link_that_is_spent(session: WriteSession, clock: Clock, secret: str):
    with pytest.raises(LinkSpent):
        await links.look(session, "password", secret, clock())


@pytest.mark.race
async def test_of_many_who_use_a_link_at_once_one_gets_it(database: Database, clock: Clock):
    async with database.writer() as session:
        made = await links.make(session, "password", EMAIL, clock())
        await session.commit()

    async def use() -> bool:
        async with database.writer() as session:
            try:
                await links.spend(session, "password", made.secret, clock())
            except LinkSpent:
                return False
            await asyncio.sleep(0.05)
            await session.commit()
            return True

    assert sorted(await asyncio.gather(*(use() for _ in range(4)))) == [False, False, False, True]
