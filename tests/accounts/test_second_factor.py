"""The second factor: right codes in, used, late and foreign ones out; also when many come at the same time."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select

import app.metadata  # noqa: F401 - all tables, for the foreign keys between rooms
from app.accounts.errors import CodeWrong, SecondFactorRequired
from app.accounts.models import Person, RecoveryCode, RoleGrant, SigninSession
from app.accounts.service import second_factor as factor
from app.accounts.service.sessions import Device, begin
from app.accounts.sessions import Timeouts
from app.audit.models import AuditEntry
from app.audit.service import Actor
from app.kit.db import Database, WriteSession
from app.kit.ids import hash_secret, new_id
from app.kit.sealing import Sealer

NOW = datetime(2026, 12, 1, 1, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
SEALER = Sealer(b"k" * 32)
TIMEOUTS = Timeouts(timedelta(minutes=30), timedelta(hours=12), timedelta(hours=12))
DEVICE = Device("192.0.2.7", "Tests")


def code_at(seed: str, at: datetime) -> str:
    return pyotp.TOTP(seed).at(at)


async def a_person(session: WriteSession, role: str = "") -> tuple[Person, Actor]:
    """Somebody who has just signed in."""
    person = Person(id=new_id(), username=f"p{new_id().hex}", name="甲", created_at=NOW)
    session.add(person)
    await session.flush()
    if role:
        session.add(RoleGrant(person_id=person.id, role=role, granted_at=NOW))
    opened = await begin(session, person.id, DEVICE, TIMEOUTS, NOW)
    return person, Actor("person", person.id, person.username or "", "192.0.2.7", str(opened.id))


async def enrolled(session: WriteSession, role: str = "") -> tuple[Person, Actor, str, list[str]]:
    """The same with a second factor; the code of `NOW` is used up by setting it up."""
    person, actor = await a_person(session, role)
    seed = await factor.begin_enrolment(session, SEALER, person, NOW)
    done = await factor.confirm(session, SEALER, person, code_at(seed, NOW), actor=actor, now=NOW)
    return person, actor, seed, done.codes


async def actions(session: WriteSession) -> list[str]:
    ours = AuditEntry.action.like("person.%")
    return list(await session.scalars(select(AuditEntry.action).where(ours).order_by(AuditEntry.at)))


def test_the_codes_are_those_of_the_rfc():
    """RFC 6238, appendix B, for SHA-1, with the last six of its eight digits."""
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, digits in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert factor.step_of(seed, digits, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize("typed", ["123 456", "１２３４５６", " 123-456 ", "123　456", "123456"])
def test_a_code_is_read_however_it_is_typed(typed: str):
    assert factor.read(typed) == "123456"


def test_letters_of_a_recovery_code_are_read_as_they_were_meant():
    assert factor.read("o1l2i-abcde ") == "01121ABCDE"


async def test_a_code_of_the_step_before_and_after_counts_and_no_other(session: WriteSession):
    person, _actor, seed, _codes = await enrolled(session)
    later = NOW + 10 * STEP
    assert await factor.prove(session, SEALER, person, code_at(seed, later - 2 * STEP), later) is None
    assert await factor.prove(session, SEALER, person, code_at(seed, later + 2 * STEP), later) is None
    assert await factor.prove(session, SEALER, person, code_at(seed, later - STEP), later) == "totp"
    assert await factor.prove(session, SEALER, person, code_at(seed, later), later) == "totp"
    assert await factor.prove(session, SEALER, person, code_at(seed, later + STEP), later) == "totp"


async def test_a_code_counts_once_and_none_before_it_does(session: WriteSession):
    person, _actor, seed, _codes = await enrolled(session)
    later = NOW + 10 * STEP
    assert await factor.prove(session, SEALER, person, code_at(seed, later), later) == "totp"
    assert await factor.prove(session, SEALER, person, code_at(seed, later), later) is None
    assert await factor.prove(session, SEALER, person, code_at(seed, later - STEP), later) is None


async def test_the_code_that_set_it_up_does_not_sign_in(session: WriteSession):
    person, _actor, seed, _codes = await enrolled(session)
    assert await factor.prove(session, SEALER, person, code_at(seed, NOW), NOW) is None


async def test_somebody_without_a_second_factor_proves_nothing(session: WriteSession):
    person, _actor = await a_person(session)
    seed = await factor.begin_enrolment(session, SEALER, person, NOW)
    assert await factor.prove(session, SEALER, person, code_at(seed, NOW), NOW) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "٣٣٣٣٣٣", "\0" * 6, "9" * 10_000])
async def test_what_is_no_code_proves_nothing(session: WriteSession, typed: str):
    person, *_rest = await enrolled(session)
    assert await factor.prove(session, SEALER, person, typed, NOW) is None


async def test_a_recovery_code_counts_once(session: WriteSession):
    person, _actor, _seed, codes = await enrolled(session)
    assert len(set(codes)) == 10
    assert await factor.prove(session, SEALER, person, codes[3].lower().replace("-", " "), NOW) == "recovery"
    assert await factor.prove(session, SEALER, person, codes[3], NOW) is None
    assert await factor.recovery_codes_left(session, person.id) == 9


async def test_a_recovery_code_of_somebody_else_counts_for_nothing(session: WriteSession):
    person, *_rest = await enrolled(session)
    _other, _actor, _seed, codes = await enrolled(session)
    assert await factor.prove(session, SEALER, person, codes[0], NOW) is None


async def test_codes_and_seed_are_not_in_the_database_as_they_are(session: WriteSession):
    person, _actor, seed, codes = await enrolled(session)
    plain = codes[0].replace("-", "")
    kept = await session.scalars(select(RecoveryCode.code_hash))
    assert hash_secret(plain) not in set(kept)
    assert seed.encode() not in (person.totp_sealed or b"")


async def test_setting_it_up_makes_the_session_strong_renews_it_and_ends_the_others(session: WriteSession):
    person, actor = await a_person(session)
    other = await begin(session, person.id, DEVICE, TIMEOUTS, NOW)
    seed = await factor.begin_enrolment(session, SEALER, person, NOW)
    done = await factor.confirm(session, SEALER, person, code_at(seed, NOW), actor=actor, now=NOW)
    session.expire_all()
    mine = await session.get_one(SigninSession, UUID(actor.via))
    assert (mine.strong_at, mine.ended_at, mine.token_hash) == (NOW, None, hash_secret(done.session_secret))
    assert (await session.get_one(SigninSession, other.id)).ended_at == NOW
    assert await actions(session) == ["person.second_factor_set"]


async def test_a_wrong_code_sets_nothing_up(session: WriteSession):
    person, actor = await a_person(session)
    seed = await factor.begin_enrolment(session, SEALER, person, NOW)
    with pytest.raises(CodeWrong):
        await factor.confirm(session, SEALER, person, code_at(seed, NOW + 9 * STEP), actor=actor, now=NOW)
    assert person.totp_confirmed_at is None


async def test_what_is_not_confirmed_within_a_quarter_of_an_hour_is_begun_anew(session: WriteSession):
    person, actor = await a_person(session)
    seed = await factor.begin_enrolment(session, SEALER, person, NOW)
    late = NOW + timedelta(minutes=16)
    with pytest.raises(CodeWrong):
        await factor.confirm(session, SEALER, person, code_at(seed, late), actor=actor, now=late)


async def test_the_old_device_counts_until_the_new_one_is_confirmed(session: WriteSession):
    person, actor, old, _codes = await enrolled(session)
    later = NOW + 10 * STEP
    new = await factor.begin_enrolment(session, SEALER, person, later)
    assert await factor.prove(session, SEALER, person, code_at(new, later), later) is None
    assert await factor.prove(session, SEALER, person, code_at(old, later), later) == "totp"
    await factor.confirm(session, SEALER, person, code_at(new, later), actor=actor, now=later)
    afterwards = later + 5 * STEP
    assert await factor.prove(session, SEALER, person, code_at(old, afterwards), afterwards) is None
    assert await factor.prove(session, SEALER, person, code_at(new, afterwards), afterwards) == "totp"
    assert "person.second_factor_replaced" in await actions(session)


async def test_removing_it_needs_a_code_and_ends_the_other_sessions(session: WriteSession):
    person, actor, seed, _codes = await enrolled(session)
    other = await begin(session, person.id, DEVICE, TIMEOUTS, NOW)
    with pytest.raises(CodeWrong):
        await factor.remove(session, SEALER, person, "000000", actor=actor, now=NOW)
    later = NOW + 10 * STEP
    await factor.remove(session, SEALER, person, code_at(seed, later), actor=actor, now=later)
    assert person.totp_sealed is None
    assert await factor.recovery_codes_left(session, person.id) == 0
    session.expire_all()
    assert (await session.get_one(SigninSession, other.id)).ended_at == later
    assert "person.second_factor_removed" in await actions(session)


@pytest.mark.parametrize("role", ["city_admin", "auditor"])
async def test_a_role_that_requires_it_keeps_it(session: WriteSession, role: str):
    person, actor, seed, _codes = await enrolled(session, role)
    later = NOW + 10 * STEP
    with pytest.raises(SecondFactorRequired):
        await factor.remove(session, SEALER, person, code_at(seed, later), actor=actor, now=later)


async def test_new_recovery_codes_make_the_old_ones_worthless(session: WriteSession):
    person, actor, seed, old = await enrolled(session)
    with pytest.raises(CodeWrong):
        await factor.new_recovery_codes(session, SEALER, person, "000000", actor=actor, now=NOW)
    later = NOW + 10 * STEP
    new = await factor.new_recovery_codes(session, SEALER, person, code_at(seed, later), actor=actor, now=later)
    assert await factor.prove(session, SEALER, person, old[0], later) is None
    assert await factor.prove(session, SEALER, person, new[0], later) == "recovery"


@pytest.mark.parametrize("kind", ["totp", "recovery"])
async def test_of_many_who_send_the_same_code_at_once_one_gets_in(database: Database, kind: str):
    async with database.writer() as session:
        person, _actor, seed, codes = await enrolled(session)
        await session.commit()
    later = NOW + 10 * STEP
    typed = code_at(seed, later) if kind == "totp" else codes[0]

    async def attempt() -> object:
        async with database.writer() as session:
            found = await session.get_one(Person, person.id)
            proved = await factor.prove(session, SEALER, found, typed, later)
            await session.commit()
            return proved

    results = await asyncio.gather(*(attempt() for _ in range(8)))
    assert sorted(map(str, results)) == sorted([kind, *["None"] * 7])


async def test_of_two_who_confirm_at_once_one_sets_it_up(database: Database) -> None:
    async with database.writer() as session:
        person, actor = await a_person(session)
        seed = await factor.begin_enrolment(session, SEALER, person, NOW)
        await session.commit()

    async def attempt() -> str:
        async with database.writer() as session:
            mine = await session.get_one(Person, person.id, with_for_update=True)
            try:
                await factor.confirm(session, SEALER, mine, code_at(seed, NOW), actor=actor, now=NOW)
            except CodeWrong:
                return "refused"
            await session.commit()
            return "set"

    assert sorted(await asyncio.gather(attempt(), attempt())) == ["refused", "set"]
    async with database.reader() as session:
        assert await factor.recovery_codes_left(session, person.id) == 10
