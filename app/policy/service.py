"""Changing a setting: by whom it may be, onto which state, with its reason, on record in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.rules.rights import Caller
from app.audit.service import Object, record
from app.kit.db import violated
from app.kit.problems import Forbidden
from app.policy.errors import SettingMoved
from app.policy.models import PolicyChange
from app.policy.queries import newest
from app.policy.reach import may_change
from app.policy.rules import Level, Setting
from app.stations.snapshot import Network

FOLLOWED = "policy_change_scope_kind_key_previous_id_key"


async def change(
    session: AsyncSession,
    caller: Caller,
    network: Network,
    setting: Setting,
    value: Mapping[str, Any] | None,
    *,
    last: int | None,
    reason: str,
    now: datetime,
) -> int:
    """Give a setting a value, or with None take it away: the id of the change.

    `last` is the change that the caller saw in force (None: there was never one). Raises Forbidden where the place
    isn't the caller's, SettingMoved when somebody else has changed the setting since then, also at this moment.
    """
    if not may_change(caller, setting.place, network):
        raise Forbidden
    before = await newest(session, setting)
    if (before.id if before else None) != last:
        raise SettingMoved
    made = PolicyChange(
        scope=setting.place.scope,
        kind=setting.kind,
        key=setting.key,
        value=None if value is None else dict(value),
        reason=reason,
        changed_by=caller.person_id,
        changed_at=now,
        previous_id=last,
    )
    try:
        async with session.begin_nested():
            session.add(made)
    except IntegrityError as error:
        if violated(error) != FOLLOWED:
            raise
        raise SettingMoved from error
    station_id = int(setting.place.id) if setting.place.level is Level.STATION else None
    await record(
        session,
        caller.actor,
        "setting.changed",
        Object("setting", setting.text, station_id),
        at=now,
        before={"value": before.value if before else None},
        after={"value": value},
        reason=reason,
    )
    return made.id
