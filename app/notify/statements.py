"""Mails as text, for a statement of their own or as one more part of a hot one.

Places are named as a session has them (`:name`); `columns` gives what they are filled with. In a hot statement what
follows is which part the mails depend on:

    posted AS (-- post
        CROSS JOIN made ON CONFLICT (key) DO NOTHING)

It notifies nobody: NOTIFY takes a lock of the whole server at commit. Who doesn't notify is looked for by the
deliverers, every few seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from app.kit.ids import new_id
from app.notify.models import SUBJECT_LENGTH
from app.notify.rules import MAIL, one_line

POST: LiteralString = """
INSERT INTO message (id, key, kind, recipient, subject, body, created_at, next_attempt_at, about, expires_at,
    station_id, channel)
SELECT mail.* FROM unnest(CAST(:mail_ids AS uuid[]), CAST(:mail_keys AS text[]), CAST(:mail_kinds AS text[]),
    CAST(:mail_recipients AS text[]), CAST(:mail_subjects AS text[]), CAST(:mail_bodies AS text[]),
    CAST(:mail_ats AS timestamptz[]), CAST(:mail_dues AS timestamptz[]), CAST(:mail_abouts AS text[]),
    CAST(:mail_expiries AS timestamptz[]), CAST(:mail_stations AS int4[]), CAST(:mail_channels AS text[])) mail
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to hand over, see `service.post`. `at` is now."""

    kind: str
    key: str
    to: str
    subject: str
    text: str
    at: datetime
    about: str = ""
    due: datetime | None = None
    expires: datetime | None = None
    station_id: int | None = None
    channel: str = MAIL


def columns(mails: Sequence[Mail]) -> dict[str, object]:
    """What `POST` is filled with. Raises ValueError for a subject or an address that would make headers."""
    return {
        "mail_ids": [new_id() for _mail in mails],
        "mail_keys": [mail.key for mail in mails],
        "mail_kinds": [mail.kind for mail in mails],
        "mail_recipients": [one_line(mail.to) for mail in mails],
        "mail_subjects": [one_line(mail.subject)[:SUBJECT_LENGTH] for mail in mails],
        "mail_bodies": [mail.text for mail in mails],
        "mail_ats": [mail.at for mail in mails],
        "mail_dues": [mail.due or mail.at for mail in mails],
        "mail_abouts": [mail.about or None for mail in mails],
        "mail_expiries": [mail.expires for mail in mails],
        "mail_stations": [mail.station_id for mail in mails],
        "mail_channels": [mail.channel for mail in mails],
    }
