import asyncio
import threading

import anyio
import pytest
from pwdlib import PasswordHash

from app.kit import passwords
from app.kit.passwords import Passwords, common_passwords, faults
from app.kit.problems import Unavailable

CHEAP = {"passes": 1, "memory_kib": 8, "lanes": 1}


@pytest.fixture
def cheap() -> Passwords:
    return Passwords(**CHEAP)


async def test_a_password_is_known_by_its_hash_and_no_other_is(cheap: Passwords):
    hashed = await cheap.hash("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert await cheap.verify("correct horse battery", hashed) == (True, None)
    assert await cheap.verify("correct horse batterz", hashed) == (False, None)
    assert await cheap.hash("correct horse battery") != hashed


async def test_the_usual_parameters_are_those_of_rfc_9106():
    assert (await Passwords().hash("x")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_a_hash_with_older_parameters_is_renewed(cheap: Passwords):
    hashed = await cheap.hash("correct horse battery")
    known, renewed = await Passwords(passes=2, memory_kib=16, lanes=1).verify("correct horse battery", hashed)
    assert known
    assert renewed is not None
    assert "m=16,t=2,p=1" in renewed


async def test_an_unknown_person_costs_the_same_calls_as_a_wrong_password(
    cheap: Passwords, monkeypatch: pytest.MonkeyPatch
):
    calls: list[list[str]] = []
    argon = cheap._hash.current_hasher
    verify = argon.verify

    def noted(text: bytes, hashed: str) -> bool:
        calls[-1].append(hashed.rpartition("$")[0].rpartition("$")[0] + f"/{len(hashed)}")
        return verify(text, hashed)

    monkeypatch.setattr(argon, "verify", noted)
    known = await cheap.hash("correct horse battery")
    for hashed in (known, None):
        calls.append([])
        assert await cheap.verify("a wrong password", hashed) == (False, None)
    assert calls[0] == calls[1]
    assert len(calls[0]) == 1


async def test_the_hash_of_nobody_has_the_parameters_in_force(cheap: Passwords):
    assert not cheap._hash.current_hasher.check_needs_rehash(cheap._nobody)


async def test_at_most_two_are_hashed_at_once_and_off_the_event_loop(cheap: Passwords, monkeypatch: pytest.MonkeyPatch):
    running, most, threads = 0, 0, set[int]()
    both = threading.Event()

    def slow(self: PasswordHash, text: bytes) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threads.add(threading.get_ident())
        if running == 2:
            both.set()
        both.wait(5)
        running -= 1
        return "hash"

    monkeypatch.setattr(PasswordHash, "hash", slow)
    await asyncio.gather(*(cheap.hash("x") for _ in range(6)))
    assert most == 2
    assert threading.get_ident() not in threads


async def test_who_would_wait_too_long_is_told_to_come_back(cheap: Passwords, monkeypatch: pytest.MonkeyPatch):
    go = threading.Event()
    monkeypatch.setattr(PasswordHash, "hash", lambda _self, _text: "hash" if go.wait(5) else "")
    waiting = [asyncio.create_task(cheap.hash("x")) for _ in range(2 + passwords.MOST_WAITING)]
    await anyio.wait_all_tasks_blocked()
    with pytest.raises(Unavailable):
        await cheap.hash("x")
    go.set()
    assert set(await asyncio.gather(*waiting)) == {"hash"}


async def test_full_width_letters_and_half_a_surrogate_pair_are_taken(cheap: Passwords):
    hashed = await cheap.hash("ｃｏｒｒｅｃｔ ｈｏｒｓｅ")
    assert (await cheap.verify("correct horse", hashed))[0]
    assert (await cheap.verify("half \ud83d pair", await cheap.hash("half \ud83d pair")))[0]
    assert not (await cheap.verify("half \ud83d", await cheap.hash("half \ud83d pair")))[0]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("ninechars", "password_short"),
        ("x" * 64 + "yz" * 40, "password_long"),
        ("aaaaaaaaaaaa", "password_simple"),
        ("ababababab", "password_simple"),
        ("１２３４５６７８９０", "password_simple"),
        ("9876543210", "password_simple"),
        ("qwertyuiop", "password_simple"),
        ("poiuytrewq", "password_simple"),
        ("1q2w3e4r5t", "password_common"),
        ("Password2026!", "password_common"),
        ("P@ssw0rd2026", "password_common"),
        ("passwordpassword", "password_common"),
        ("2026onestop!!", "password_common"),
        ("芜湖1234567890", "password_common"),
        ("my zhang.wei pass", "password_personal"),
        ("ZHANG.WEI.longer", "password_personal"),
        ("pass for 芜湖精密仪器", "password_personal"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str, code: str):
    about = ["zhang.wei", "zhang.wei@example.com", "芜湖精密仪器", "Li"]
    assert [fault.code for fault in faults(password, about=about)] == [code]


@pytest.mark.parametrize(
    "password",
    [
        "lime tree by the river",
        "Tq9$vR2!mzKx",
        "三千里江山如画图卷开",
        "x1y2z3x1y2z4",
        "password hippo salad",
        "z" + "🔑钥匙" * 2 + "abcd",
    ],
)
def test_a_password_that_nobody_guesses_is_taken(password: str):
    assert faults(password, about=["li", "li@example.com", ""]) == []


def test_a_fault_says_what_to_do():
    [fault] = faults("short", field="new_password")
    assert (fault.field, fault.data) == ("new_password", {"least": 10, "length": 5})
    assert "10" in fault.sentence()


def test_the_list_is_the_one_described():
    assert len(common_passwords()) > 18_000
