"""Passwords: which ones are taken, how they are kept, and how one is compared.

Kept as Argon2id with the second choice of RFC 9106, section 4 (64 MiB, 3 passes, 4 lanes), which is pwdlib's default.
Characters are put into one form before (NFKC, as NIST SP 800-63B, 3.1.1.2 asks), so that a full-width keyboard and a
phone agree; nothing else is changed or cut off. Hashing runs in threads, two at a time, since each costs 64 MiB and a
tenth of a second of a core; who would have to wait behind many others is told to come back.

The deny-list and where it is from: `app/kit/data/README.md`.
"""

import gzip
import re
import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.kit.i18n import lazy
from app.kit.problems import FieldError, Unavailable

T = TypeVar("T")
SHORTEST, LONGEST = 10, 128
AT_ONCE, MOST_WAITING = 2, 40
SALT_BYTES, DIGEST_BYTES = 16, 32
LIST = Path(__file__).parent / "data" / "common-passwords.txt.gz"
# What an attacker on this portal tries first (OWASP ASVS 5.0, 6.2.11).
OWN_WORDS = frozenset(
    ["onestop", "zhizhantong", "zhijian", "wuhu", "anhui", "admin", "administrator", "质站通", "芜湖"]
)
ROWS = ("0123456789" * 3, "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz")
SHORTEST_NAME, SHORTEST_HAN_NAME = 4, 2
REPEATS = 3

TOO_SHORT = lazy("Use at least {least} characters; there are {length}. A few words in a row are easy to remember.")
TOO_LONG = lazy("Use at most {limit} characters; there are {length}.")
COMMON = lazy("This password is among those that are tried first. Choose one that nobody else has.")
SIMPLE = lazy("This repeats itself or runs along the keyboard. Choose one that is harder to guess.")
PERSONAL = lazy("Leave out your user name, your mail address and the name of your organisation.")

_SUBSTITUTES = str.maketrans("@0135$7!", "aoiessti")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class Passwords:
    """Hashes and compares, off the event loop. Cheap parameters are for tests only."""

    def __init__(self, *, passes: int = 3, memory_kib: int = 65536, lanes: int = 4) -> None:
        self._hash = PasswordHash([Argon2Hasher(passes, memory_kib, lanes, hash_len=DIGEST_BYTES, salt_len=SALT_BYTES)])
        self._nobody = _impossible(passes, memory_kib, lanes)
        self._room = CapacityLimiter(AT_ONCE)

    async def hash(self, text: str) -> str:
        """What to keep. Raises Unavailable when too many wait."""
        return await self._off_the_loop(lambda: self._hash.hash(_bytes(text)))

    async def verify(self, text: str, hashed: str | None) -> tuple[bool, str | None]:
        """Whether `text` is the password of `hashed`, and a new hash to keep when the parameters have changed.

        With `hashed` None (there is no such person) it makes the same calls at the same cost, and is never true.
        Raises Unavailable when too many wait.
        """
        return await self._off_the_loop(lambda: self._hash.verify_and_update(_bytes(text), hashed or self._nobody))

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        if self._room.statistics().tasks_waiting >= MOST_WAITING:
            raise Unavailable
        return await to_thread.run_sync(work, limiter=self._room)


def _impossible(passes: int, memory_kib: int, lanes: int) -> str:
    """A hash that no password has: its digest is random, not computed."""
    salt, digest = (b64encode(secrets.token_bytes(n)).rstrip(b"=").decode() for n in (SALT_BYTES, DIGEST_BYTES))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"


def normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _bytes(text: str) -> bytes:
    """Half a surrogate pair, which JSON may carry, is a character like any other here."""
    return normalise(text).encode("utf-8", "surrogatepass")


def faults(password: str, *, about: Sequence[str] = (), field: str = "password") -> list[FieldError]:
    """Why this can't be a new password, the most useful reason alone; empty when it can.

    `about` are the user name, the mail address and the organisation's name. Codes: `password_short`,
    `password_long`, `password_personal`, `password_simple`, `password_common`.
    """
    text = normalise(password)
    if len(text) < SHORTEST:
        return [FieldError(field, "password_short", TOO_SHORT.msgid, {"least": SHORTEST, "length": len(text)})]
    if len(text) > LONGEST:
        return [FieldError(field, "password_long", TOO_LONG.msgid, {"limit": LONGEST, "length": len(text)})]
    folded = text.casefold()
    for found, code, sentence in (
        (_names(folded, about), "password_personal", PERSONAL),
        (_simple(folded), "password_simple", SIMPLE),
        (_common(folded), "password_common", COMMON),
    ):
        if found:
            return [FieldError(field, code, sentence.msgid)]
    return []


def _names(folded: str, about: Sequence[str]) -> bool:
    return any(name in folded for whole in about for name in _parts(normalise(whole).casefold()))


def _parts(whole: str) -> Iterator[str]:
    """The names to look for: of a mail address what stands before the @; nothing so short that it says nothing."""
    name = whole.partition("@")[0].strip()
    least = SHORTEST_NAME if name.isascii() else SHORTEST_HAN_NAME
    if len(name) >= least:
        yield name


def _simple(folded: str) -> bool:
    if any(folded in run or folded in run[::-1] for run in ROWS):
        return True
    length = next(n for n in range(1, len(folded) + 1) if folded.startswith(folded[n:]))
    return len(folded) >= REPEATS * length


def _common(folded: str) -> bool:
    """Whether it is on the list, as it is, without digits and marks around it, with @ read as a, or twice over."""
    plain = folded.translate(_SUBSTITUTES)
    known = common_passwords()
    forms = {folded, plain, _ENDS.sub("", folded), _ENDS.sub("", _ENDS.sub("", folded).translate(_SUBSTITUTES))}
    halves = {form[: len(form) // 2] for form in forms if form and form == 2 * form[: len(form) // 2]}
    return not known.isdisjoint(forms | halves)


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    return OWN_WORDS | frozenset(gzip.decompress(LIST.read_bytes()).decode("utf-8").split())
