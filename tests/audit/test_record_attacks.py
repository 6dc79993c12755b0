"""What the record, which nobody can change, must not hold."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.audit.service import Actor, Object, entry, record
from app.kit.db import WriteSession
from tests.audit.support import START

pytestmark = pytest.mark.anyio
PERSON = UUID("018f0000-0000-7000-8000-000000000001")


async def test_who_signs_in_by_a_mail_address_is_on_record_with_the_address_masked(session: WriteSession) -> None:
    somebody = Actor("person", PERSON, "wang.fang@example.com", "192.0.2.1")
    await record(session, somebody, "person.changed", Object("person", str(PERSON)), at=START)
    assert await session.scalar(select(AuditEntry.actor_name)) == "w***@example.com"
    assert entry(somebody, "a.b", Object("person", "1"), at=START)["audit_actor_name"] == "w***@example.com"


async def test_a_user_name_is_on_record_as_it_is(session: WriteSession) -> None:
    await record(session, Actor("person", PERSON, "officer.wh-et-01"), "a.b", Object("person", "1"), at=START)
    assert await session.scalar(select(AuditEntry.actor_name)) == "officer.wh-et-01"
