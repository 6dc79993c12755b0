"""All that is kept of one person, for that person to take along (PIPL, article 45): no hashes, no secrets."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import DateTime, Select, String, Uuid, column, func, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import (
    ApiKey,
    CodeCase,
    Identity,
    Membership,
    Organisation,
    Person,
    RecoveryCode,
    RoleGrant,
    SigninSession,
)
from app.audit.models import AuditEntry
from app.bundles.queries import of_person as bundles_of_person
from app.feeds.queries import of_person as feeds_of_person
from app.inbox.models import SavedView
from app.kit.clock import LOCAL
from app.kit.tables import csv_bytes
from app.ratings.queries import of_person as answers_to
from app.reception.queries import of_person as handed_in_by
from app.reports.models import MailReport
from app.requests.owned import of_person
from app.stations.snapshot import Network
from app.webhooks.queries import of_person as webhooks_of_person

Kept = dict[str, list[dict[str, Any]]]
MOST_ENTRIES = 50_000
# Plans and ledgers are named without importing their rooms, which lie above this one.
_PLANS = table(
    "coverage_plan",
    *(column("created_by", Uuid), column("name", String), column("question", JSONB), column("created_at", DateTime)),
)
_REMINDERS = table(
    "instrument_reminder_choice",
    *(column("person_id", Uuid), column("organisation_id", Uuid), column("stopped_at", DateTime)),
)
_FILES = table(
    "instrument_import",
    *(
        column("created_by", Uuid),
        column("organisation_id", Uuid),
        column("told", JSONB),
        column("created_at", DateTime),
    ),
)


async def export(session: AsyncSession, network: Network, person_id: UUID) -> Kept:
    """By kind, each a list of rows with the same names."""
    kept = {name: await _rows(session, statement) for name, statement in _statements(person_id).items()}
    kept["requests"] = await of_person(session, network, person_id)
    kept["packages"] = await bundles_of_person(session, person_id)
    return kept


def _statements(person_id: UUID) -> Mapping[str, Select[*tuple[Any, ...]]]:
    return {**_who(person_id), **_kept_by(person_id), "record": _record(person_id)}


def _who(person_id: UUID) -> Mapping[str, Select[*tuple[Any, ...]]]:
    """The account and what it may."""
    return {
        "account": _account(person_id),
        "consents": select(Person.consent_version.label("version"), Person.consented_at.label("agreed_at")).where(
            Person.id == person_id, Person.consent_version.is_not(None)
        ),
        "single_sign_on": select(Identity.issuer, Identity.subject, Identity.linked_at).where(
            Identity.person_id == person_id
        ),
        "organisations": select(Organisation.name, Organisation.uscc, Membership.role, Membership.since)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.person_id == person_id),
        "codes_asked_about": select(
            CodeCase.uscc,
            CodeCase.organisation_name,
            CodeCase.note,
            CodeCase.created_at,
            CodeCase.decided_at,
            CodeCase.accepted,
            CodeCase.reason,
        ).where(CodeCase.person_id == person_id),
        "roles": select(RoleGrant.role, RoleGrant.station_id, RoleGrant.county_adcode, RoleGrant.granted_at).where(
            RoleGrant.person_id == person_id
        ),
        "sessions": _sessions(person_id),
        "api_keys": _keys(person_id),
    }


def _kept_by(person_id: UUID) -> Mapping[str, Select[*tuple[Any, ...]]]:
    """What somebody has made and left here, beside requests."""
    return {
        "calendar_feeds": feeds_of_person(person_id),
        "saved_views": select(SavedView.name, SavedView.query, SavedView.created_at).where(
            SavedView.person_id == person_id
        ),
        "reports_by_mail": select(MailReport.view, MailReport.asked, MailReport.every, MailReport.created_at).where(
            MailReport.person_id == person_id
        ),
        "webhooks": webhooks_of_person(person_id),
        "answers_to_ratings": answers_to(person_id),
        "things_handed_in": handed_in_by(person_id),
        "plans": select(_PLANS.c.name, _PLANS.c.question, _PLANS.c.created_at).where(_PLANS.c.created_by == person_id),
        **_of_ledgers(person_id),
        "record": _record(person_id),
    }


def _of_ledgers(person_id: UUID) -> Mapping[str, Select[*tuple[Any, ...]]]:
    return {
        "instrument_reminders_stopped": select(_REMINDERS.c.organisation_id, _REMINDERS.c.stopped_at).where(
            _REMINDERS.c.person_id == person_id
        ),
        "instrument_files": select(_FILES.c.organisation_id, _FILES.c.told, _FILES.c.created_at).where(
            _FILES.c.created_by == person_id
        ),
    }


def _account(person_id: UUID) -> Select[*tuple[Any, ...]]:
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return select(
        Person.username,
        Person.email,
        Person.name,
        Person.mobile,
        Person.language,
        Person.created_at,
        Person.password_changed_at,
        Person.totp_confirmed_at.label("second_factor_since"),
        unused.scalar_subquery().label("recovery_codes_left"),
    ).where(Person.id == person_id)


def _keys(person_id: UUID) -> Select[*tuple[Any, ...]]:
    columns = (
        ApiKey.name,
        ApiKey.prefix,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.expires_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
    )
    return select(*columns).where(ApiKey.person_id == person_id).order_by(ApiKey.created_at)


def _sessions(person_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            SigninSession.kind,
            SigninSession.proof,
            SigninSession.address,
            SigninSession.agent,
            SigninSession.created_at,
            SigninSession.last_seen_at,
            SigninSession.expires_at,
            SigninSession.ended_at,
        )
        .where(SigninSession.person_id == person_id)
        .order_by(SigninSession.created_at)
    )


def _record(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """What the person did, as it is on record."""
    return (
        select(
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.object_kind,
            AuditEntry.object_id,
            AuditEntry.address,
            AuditEntry.before,
            AuditEntry.after,
            AuditEntry.reason,
        )
        .where(AuditEntry.actor_id == person_id)
        .order_by(AuditEntry.at, AuditEntry.chain, AuditEntry.n)
        .limit(MOST_ENTRIES)
    )


async def _rows(session: AsyncSession, statement: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    found = await session.execute(statement)
    names = list(found.keys())
    return [dict(zip(names, map(_local, row), strict=True)) for row in found]


def _local(value: object) -> object:
    return value.astimezone(LOCAL) if isinstance(value, datetime) else value


def as_json(kept: Kept, at: datetime) -> bytes:
    """One document; times with the network's offset."""
    return orjson.dumps({"exported_at": at.astimezone(LOCAL), **kept}, option=orjson.OPT_INDENT_2)


def as_zip(kept: Kept) -> bytes:
    """A CSV file a kind, for spreadsheets; what stands inside of a request has files of its own."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in _flat(kept).items():
            if rows:
                archive.writestr(f"{name}.csv", csv_bytes(list(rows[0]), map(_plain, rows)))
    return packed.getvalue()


def _flat(kept: Kept) -> Kept:
    requests = kept["requests"]
    inner = ("items", "timeline", "messages", "ratings")
    plain = [{name: value for name, value in each.items() if name not in inner} for each in requests]
    return {
        **kept,
        "requests": plain,
        "request_items": _inner(requests, "items"),
        "request_timeline": _inner(requests, "timeline"),
        "request_messages": _inner(requests, "messages"),
        "request_ratings": _inner(requests, "ratings"),
    }


def _inner(requests: Iterable[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{"reference": each["reference"], **part} for each in requests for part in each[name]]


def _plain(row: Mapping[str, Any]) -> dict[str, object]:
    """What is no cell is JSON in one."""
    return {name: _cell(value) for name, value in row.items()}


def _cell(value: object) -> object:
    nested = isinstance(value, dict) or (isinstance(value, Sequence) and not isinstance(value, str))
    return orjson.dumps(value).decode() if nested else value
