"""Names given to things: row ids, secrets, request references, access codes.

References and access codes use Crockford's base 32 (https://www.crockford.com/base32.html): digits and capital
letters without I, L, O, U, so that they can be read out on the phone; what is typed is read generously.
"""

import hashlib
import hmac
import os
import re
import secrets
import time
from collections.abc import Callable
from uuid import UUID

from app.kit.text import to_halfwidth

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_READ_AS = str.maketrans("OIL", "011")
_SEPARATORS = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff_\u2010-\u2015\u2212.·-]+")
_PREFIX = re.compile(f"[{ALPHABET[10:]}]{{1,4}}")
_GROUP, _BODY = 4, 8
_MODULUS = 37
_ACCESS = 8
_ACCESS_PURPOSE = b"onestop access code\0"


class ReferenceFormatError(ValueError):
    """A text that is no request reference; the subclasses say why."""


class ReferenceLengthError(ReferenceFormatError):
    """Too few or too many characters; `length` says how many, without separators."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a reference does not have {length} characters")
        self.length = length


class ReferenceCharacterError(ReferenceFormatError):
    """A `character` that no reference has, at `place` (from 1, without separators)."""

    def __init__(self, place: int, character: str) -> None:
        super().__init__(f"{character!r} at place {place} does not occur in a reference")
        self.place = place
        self.character = character


class ReferenceCheckError(ReferenceFormatError):
    """The check character does not fit: something was mistyped or misheard."""


def new_id(clock: Callable[[], int] = time.time_ns, random: Callable[[int], bytes] = os.urandom) -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7): ordered by time, so that new rows land at the end of their index.

    48 bits of milliseconds since 1970, then, by method 3 of section 6.2, 12 bits of the fraction of that
    millisecond (244 ns each), then 62 random bits. `clock` gives nanoseconds since 1970, `random` so many bytes.
    """
    milliseconds, rest = divmod(clock(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    tail = int.from_bytes(random(8)) & ((1 << 62) - 1)
    return UUID(int=(milliseconds << 80) | (7 << 76) | (fraction << 64) | (0b10 << 62) | tail)


def new_secret(size: int = 32) -> str:
    """A secret of `size` random bytes, as text for a link, a cookie or a header (base64url without padding)."""
    return secrets.token_urlsafe(size)


def hash_secret(text: str, key: bytes = b"") -> bytes:
    """32 bytes to store instead of a secret: SHA-256, enough for what `new_secret` makes.

    A short code (40 bits) could be found from its plain hash by trying all: give a `key` that is not in the
    database, and it is HMAC-SHA-256.
    """
    encoded = text.encode("utf-8", "surrogatepass")
    return hmac.digest(key, encoded, "sha256") if key else hashlib.sha256(encoded).digest()


def matches(text: str, digest: bytes, key: bytes = b"") -> bool:
    """Whether the text is the secret that `hash_secret` made the digest of; the time taken tells nothing."""
    return hmac.compare_digest(hash_secret(text, key), digest)


def new_reference(prefix: str, random: Callable[[int], bytes] = os.urandom) -> str:
    """A request reference such as "ZT-7K3M-9QXD-J": prefix, eight random characters (40 bits), a check character.

    It says neither when nor how many. `prefix` (one to four letters of the alphabet) names the network, and is
    covered by the check too. Not unique by itself: the column is. Raises ValueError for another prefix.

    The check is Crockford's, the number modulo 37, which is prime: every wrong character and every two neighbours
    changed over are caught, the check character included. Of its 37 values five have no letter or digit;
    a number with one of these is drawn again.
    """
    if not _PREFIX.fullmatch(prefix):
        raise ValueError(f"a prefix is one to four letters without I, L, O, U, not {prefix!r}")
    while True:
        number = prefix + _characters(random(5))
        if (remainder := _remainder(number)) < len(ALPHABET):
            return _grouped_reference(number + ALPHABET[remainder])


def parse_reference(text: str, prefix: str = "") -> str:
    """The reference in its one spelling, from what a person typed.

    Case, width, blanks and hyphens don't matter; O is read as 0, I and L as 1. With `prefix`, it may be left out.
    Raises a `ReferenceFormatError`.
    """
    typed = _read(text)
    if len(typed) == _BODY + 1:
        typed = prefix + typed
    if not _BODY + 1 < len(typed) <= _BODY + 5:
        raise ReferenceLengthError(len(typed))
    for place, character in enumerate(typed, start=1):
        if character not in _VALUE or (place < len(typed) - _BODY and character.isdecimal()):
            raise ReferenceCharacterError(place, character)
    if _remainder(typed[:-1]) != _VALUE[typed[-1]]:
        raise ReferenceCheckError("the check character does not fit")
    return _grouped_reference(typed)


def access_code(secret_key: bytes, request_id: UUID) -> str:
    """The code "ABCD-EFGH" (40 bits) that opens one request: HMAC-SHA-256 of its id under the installation's key.

    Derived, so it can be shown again without being stored. Attempts must be limited by who checks it.
    """
    digest = hmac.digest(secret_key, _ACCESS_PURPOSE + request_id.bytes, "sha256")
    return _grouped(_characters(digest[:5]))


def normalise_access_code(text: str) -> str:
    """The code in its one spelling, read as generously as a reference.

    Never raises: what is no code comes back as something that matches none, so that wrong codes of any shape take
    the same way.
    """
    return _grouped(_read(text)[: _ACCESS + 1])


def _read(text: str) -> str:
    return _SEPARATORS.sub("", to_halfwidth(text)).upper().translate(_READ_AS)


def _characters(data: bytes) -> str:
    """Five bits a character; `data` is a whole number of five-byte groups."""
    number = int.from_bytes(data)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(len(data) * 8 - 5, -1, -5))


def _remainder(characters: str) -> int:
    number = 0
    for character in characters:
        number = (number * len(ALPHABET) + _VALUE[character]) % _MODULUS
    return number


def _grouped(characters: str) -> str:
    return "-".join(characters[start : start + _GROUP] for start in range(0, len(characters), _GROUP))


def _grouped_reference(characters: str) -> str:
    prefix, rest = characters[: -_BODY - 1], characters[-_BODY - 1 :]
    return f"{prefix}-{_grouped(rest)}"
