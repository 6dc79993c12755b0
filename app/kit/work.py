"""A bot check without a picture and without a third party: a short calculation, asked for when a limit is near.

    the first `times` of a window are free
    as many again cost a calculation each, which a phone does in a second or two
    the third and the fourth as many cost twice and four times as much; then there is no more in this window

To solve a challenge: find a whole number n >= 0, written in decimal digits, such that

    PBKDF2-HMAC-SHA-256(password = challenge, salt = n, `rounds` rounds, 4 bytes)

begins with `difficulty` zero bits, and present ``<challenge>.<n>``. Found by trying, 2^difficulty times on average;
checked by trying once.

What an attacker does about it, and what is against that:
- Solves with a fast program instead of a browser. PBKDF2 with many rounds runs in a browser's own machine code, so a
  program on the same machine is no faster; a plain hash tried by a script would be a hundred times slower than one
  tried natively. Graphics cards are faster still: so the number of paid calls is bounded as well, and what is worth
  guessing is not protected by this alone (access codes have 40 bits, accounts are locked).
- Presents one solution often, or in several processes at once: it is written down in the same statement that counts.
- Writes own, easy challenges: they are signed by the installation's key.
- Collects challenges while they are cheap, or solves them ahead: a challenge holds for five minutes, for one thing and
  one caller, and admits only as many calls as its difficulty stands for.
- Hands challenges to others to solve: possible, and as dear as solving them.
- Comes from many addresses: each begins anew for free. That is the price of not asking everybody; an IPv6 network
  counts as one, and an account is counted wherever it comes from.
- Makes the server work: an unsigned or stale answer costs one HMAC, a signed one at most one PBKDF2 (about 0.3 ms).
- Uses up the free calls of others behind the same address: they calculate for a second; nobody is shut out by what
  was refused.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.kit.i18n import lazy
from app.kit.problems import TooMany
from app.kit.rates import Payment

ALGORITHM = "pbkdf2-hmac-sha-256"
ROUNDS = 1000
BITS = 10
LIFETIME = timedelta(minutes=5)
_NONCE_BYTES, _ANSWER_BYTES, _SIGNATURE_DIGITS = 12, 4, 32
_PURPOSE = b"onestop work\0"
_BODY = r"([a-z_]{1,16})\.([0-9]{1,2})\.([0-9]{1,11})\.[0-9a-f]{24}"
_PRESENTED = re.compile(rf"({_BODY})\.([0-9a-f]{{32}})\.(0|[1-9][0-9]{{0,9}})")


class WorkNeeded(TooMany):
    """Once more is to be had for a calculation, or for waiting `retry_after` seconds."""

    code = "work_needed"
    detail = lazy(
        "That was often in a short time. Solve the challenge and present it in the header X-Work, or wait until "
        "{retry_after} seconds have passed."
    )


@dataclass(frozen=True, slots=True)
class Challenge:
    text: str
    difficulty: int

    def members(self) -> dict[str, str | int]:
        """As told to a program."""
        return {"challenge": self.text, "difficulty": self.difficulty, "algorithm": ALGORITHM, "rounds": ROUNDS}


class Work:
    """Makes challenges and knows its own again; keeps nothing. `bits` is the lowest difficulty."""

    def __init__(self, secret_key: bytes, *, bits: int = BITS) -> None:
        self._key = hmac.digest(secret_key, _PURPOSE, "sha256")
        self._bits = bits

    def challenge(self, thing: str, caller: str, level: int, now: datetime) -> Challenge:
        difficulty = self._bits + level
        expires = int((now + LIFETIME).timestamp())
        body = f"{thing}.{difficulty}.{expires}.{secrets.token_hex(_NONCE_BYTES)}"
        return Challenge(f"{body}.{self._signature(body, caller)}", difficulty)

    def payment(self, thing: str, caller: str, presented: str, now: datetime) -> Payment | None:
        """What ``<challenge>.<n>`` is worth for this thing and caller; None when it is worth nothing."""
        parts = _PRESENTED.fullmatch(presented)
        if parts is None:
            return None
        body, named, difficulty, expires, signature, answer = parts.groups()
        ours = hmac.compare_digest(signature, self._signature(body, caller))
        until, level = datetime.fromtimestamp(int(expires), UTC), int(difficulty) - self._bits
        if not ours or named != thing or until <= now or level < 0:
            return None
        text = f"{body}.{signature}"
        if not solves(text, answer, int(difficulty)):
            return None
        return Payment(hashlib.sha256(text.encode()).hexdigest(), level, until)

    def _signature(self, body: str, caller: str) -> str:
        return hmac.digest(self._key, f"{body}\0{caller}".encode(), "sha256").hex()[:_SIGNATURE_DIGITS]


def solves(challenge: str, answer: str, difficulty: int) -> bool:
    digest = hashlib.pbkdf2_hmac("sha256", challenge.encode(), answer.encode(), ROUNDS, _ANSWER_BYTES)
    return int.from_bytes(digest) >> (8 * _ANSWER_BYTES - difficulty) == 0


def solve(challenge: str, difficulty: int) -> str:
    """``<challenge>.<n>``, found by trying: for programs that call the API, and for tests."""
    n = 0
    while not solves(challenge, str(n), difficulty):
        n += 1
    return f"{challenge}.{n}"
