"""The first administrator, made by whoever runs the machine."""

from datetime import UTC, datetime

import pytest

from app.accounts.errors import NameTaken
from app.accounts.rules.rights import Grant, Role
from app.accounts.service.bootstrap import NewStaff, create, reset
from app.kit.db import Database

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)
CHIEF = NewStaff("chief", "局长", None, Grant(Role.CITY_ADMIN))


async def test_the_first_administrator_is_made_and_on_record(database: Database) -> None:
    async with database.writer() as session:
        await create(session, CHIEF, "hash", NOW)
        await session.commit()
    assert await database.fetch("SELECT username, role FROM person JOIN role_grant ON person.id = person_id", ()) == [
        ("chief", "city_admin")
    ]
    assert await database.fetch("SELECT action, actor_kind FROM audit_entry", ()) == [("person.created", "system")]


async def test_a_second_one_without_a_mail_address_is_no_collision(database: Database) -> None:
    other = NewStaff("other", "副局长", None, Grant(Role.CITY_ADMIN))
    async with database.writer() as session:
        await create(session, CHIEF, "hash", NOW)
        await create(session, other, "hash", NOW)
        with pytest.raises(NameTaken):
            await create(session, CHIEF, "hash", NOW)


async def test_a_reset_takes_away_the_second_factor_and_ends_every_session(database: Database) -> None:
    async with database.writer() as session:
        await create(session, CHIEF, "hash", NOW)
        assert await reset(session, "chief", "another", NOW)
        assert not await reset(session, "nobody", "another", NOW)
        await session.commit()
    assert await database.fetch("SELECT password_hash, totp_sealed FROM person", ()) == [("another", None)]
