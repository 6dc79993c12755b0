"""The bot check's arithmetic: what a challenge is, who may solve it, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from app.kit.work import LIFETIME, Work, solve, solves

NOW = datetime(2026, 12, 1, 1, 0, 10, tzinfo=UTC)
KEY = b"k" * 32


@pytest.fixture
def work() -> Work:
    return Work(KEY, bits=2)


def test_a_solved_challenge_is_worth_its_level_until_it_expires(work: Work):
    challenge = work.challenge("follow", "ip:192.0.2.1", 1, NOW)
    assert challenge.members() | {"challenge": ""} == {
        "challenge": "",
        "difficulty": 3,
        "algorithm": "pbkdf2-hmac-sha-256",
        "rounds": 1000,
    }
    payment = work.payment("follow", "ip:192.0.2.1", solve(challenge.text, challenge.difficulty), NOW)
    assert payment is not None
    assert (payment.level, payment.expires, len(payment.proof)) == (1, NOW + LIFETIME, 64)


def test_the_same_challenge_has_one_name_whatever_solves_it(work: Work):
    challenge = work.challenge("follow", "a", 0, NOW)
    numbers = [n for n in range(200) if solves(challenge.text, str(n), challenge.difficulty)][:2]
    proofs = {getattr(work.payment("follow", "a", f"{challenge.text}.{n}", NOW), "proof", None) for n in numbers}
    assert len(numbers) == 2
    assert len(proofs) == 1


def test_a_wrong_answer_is_worth_nothing(work: Work):
    challenge = work.challenge("follow", "a", 0, NOW)
    wrong = next(n for n in range(200) if not solves(challenge.text, str(n), challenge.difficulty))
    assert work.payment("follow", "a", f"{challenge.text}.{wrong}", NOW) is None


@pytest.mark.parametrize(
    ("thing", "caller", "later", "key"),
    [
        ("hold", "a", timedelta(), KEY),
        ("follow", "b", timedelta(), KEY),
        ("follow", "a", LIFETIME, KEY),
        ("follow", "a", timedelta(), b"another" * 5),
    ],
    ids=["another thing", "another caller", "too late", "another key"],
)
def test_a_solution_is_for_one_thing_one_caller_and_a_while(
    work: Work, thing: str, caller: str, later: timedelta, key: bytes
):
    challenge = work.challenge("follow", "a", 0, NOW)
    solved = solve(challenge.text, challenge.difficulty)
    assert work.payment("follow", "a", solved, NOW) is not None
    assert Work(key, bits=2).payment(thing, caller, solved, NOW + later) is None


def test_an_easy_challenge_that_somebody_wrote_is_refused(work: Work):
    challenge = work.challenge("follow", "a", 2, NOW)
    thing, difficulty, *rest = challenge.text.split(".")
    easier = ".".join([thing, str(int(difficulty) - 2), *rest])
    assert work.payment("follow", "a", solve(easier, 0), NOW) is None


def test_a_challenge_from_before_the_price_was_raised_is_refused():
    challenge = Work(KEY, bits=1).challenge("follow", "a", 0, NOW)
    assert Work(KEY, bits=2).payment("follow", "a", solve(challenge.text, 2), NOW) is None


FAR = f"follow.2.99999999999.{'0' * 24}.{'0' * 32}.1"


@pytest.mark.parametrize("presented", ["", ".", "follow.2.1.0.0.0", "a" * 9000, FAR, "\x00"])
def test_nonsense_is_worth_nothing(work: Work, presented: str):
    assert work.payment("follow", "a", presented, NOW) is None
