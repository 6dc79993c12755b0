"""Where messages leave, as an operator writes it into a setting: refused at start with what to write instead. Pure."""

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

_OF_SMS = re.compile(r"[a-z][a-z0-9]*://[^\s{}]*\{to\}[^\s{}]*")


def mail_server(address: str) -> None:
    """Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.port == 0 or parts.path:
        raise ValueError("must look like smtp://user:password@mail.example.com:587 or smtps://…:465")


def sms_gateway(address: str) -> None:
    """An address of apprise's with a place for the number. Raises ValueError, also where apprise isn't installed."""
    if find_spec("apprise") is None:
        raise ValueError("needs what isn't installed here: pip install 'onestop[channels]'")
    if not _OF_SMS.fullmatch(address):
        raise ValueError("must have {to} where the number goes, such as jsons://sms.example.cn/send/?:phone={to}")
