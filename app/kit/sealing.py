"""Secrets that must be read again (a second factor's seed): kept encrypted, each bound to its purpose and its owner.

AES-256-GCM (NIST SP 800-38D) with a key derived from the installation's secret for each purpose by HKDF-SHA-256
(RFC 5869). Purpose and owner are authenticated with it, so that what was stored for one person can't be moved to
another row by somebody who may write to the database. The nonce is random, 96 bits: good for 2^32 seals a key.

    sealed = version (1 byte) · nonce (12 bytes) · ciphertext and tag
"""

import hmac
import secrets
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
NONCE_BYTES, KEY_BYTES = 12, 32


class SealBroken(Exception):  # noqa: N818 - it says what is seen, and is no slip of the program
    """What was stored is not what was sealed: another key, another purpose or owner, or it was altered."""


class Sealer:
    """The first key seals, all of them open: an old key stays behind the new one until all is sealed anew."""

    def __init__(self, secret_key: bytes, *older: bytes) -> None:
        self._keys: Sequence[bytes] = (secret_key, *older)

    def seal(self, purpose: str, owner: str, text: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = _cipher(self._keys[0], purpose)
        return VERSION + nonce + cipher.encrypt(nonce, text.encode("utf-8"), _bound(purpose, owner))

    def open(self, purpose: str, owner: str, sealed: bytes) -> str:
        """What was sealed for this purpose and owner. Raises SealBroken."""
        version, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if version != VERSION or len(nonce) < NONCE_BYTES:
            raise SealBroken
        for key in self._keys:
            try:
                return _cipher(key, purpose).decrypt(nonce, rest, _bound(purpose, owner)).decode("utf-8")
            except InvalidTag:
                continue
        raise SealBroken

    def digests(self, purpose: str, owner: str, text: str) -> Sequence[bytes]:
        """HMAC-SHA-256 of a short code that is only ever compared: the first is kept, all of them are looked for."""
        message = _bound(purpose, owner) + text.encode("utf-8", "surrogatepass")
        return [hmac.digest(_derived(key, f"onestop.digest.{purpose}"), message, "sha256") for key in self._keys]


@lru_cache(maxsize=16)
def _cipher(key: bytes, purpose: str) -> AESGCM:
    return AESGCM(_derived(key, f"onestop.seal.{purpose}"))


@lru_cache(maxsize=16)
def _derived(key: bytes, info: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info.encode()).derive(key)


def _bound(purpose: str, owner: str) -> bytes:
    """Lengths before the names, so that no two pairs give the same bytes."""
    return b"".join(len(part).to_bytes(4) + part for part in (purpose.encode(), owner.encode()))
