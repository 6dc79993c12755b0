"""The settings in force as they are read on every request: immutable, in memory, made anew when they change."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from app.kit.db import Database
from app.kit.i18n import tr
from app.policy.booking import NONE_SET, BookingRules, Rule
from app.policy.rules import (
    NETWORK,
    Allowance,
    Clock,
    DeadlineRule,
    Kind,
    Level,
    Place,
    allowance,
    deadline_rule,
    place_of,
)
from app.stations.facts import ServiceFacts, StationFacts

IN_FORCE = """
    SELECT c.scope, c.kind, c.key, c.value, s.code
    FROM (SELECT DISTINCT ON (scope, kind, key) scope, kind, key, value FROM policy_change
          WHERE kind <> 'calendar' ORDER BY scope, kind, key, id DESC) c
    LEFT JOIN station s ON c.scope = 'station:' || s.id
    WHERE c.value IS NOT NULL AND (c.scope NOT LIKE 'station:%%' OR s.id IS NOT NULL)
"""
Row = tuple[Any, ...]
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Policy:
    """All settings in force at one version of the network. `settings` has them by (scope, kind, key).

    Rules about deadlines stand by (county, station): those of the whole network under (None, None).
    """

    version: int
    deadlines: Mapping[tuple[str | None, str | None], tuple[DeadlineRule, ...]] = field(default_factory=dict)
    settings: Mapping[tuple[str, str, str], Values] = field(default_factory=dict)
    booking: BookingRules = NONE_SET

    def allowance(self, clock: Clock, service: ServiceFacts, mode: str, station: StationFacts) -> Allowance | None:
        """How many working days there are for this service at this station; None where no rule says anything."""
        rules = (
            *self.deadlines.get((None, None), ()),
            *self.deadlines.get((station.county_adcode, None), ()),
            *self.deadlines.get((None, station.code), ()),
        )
        return allowance(
            rules,
            clock,
            service_code=service.code,
            category=service.category,
            mode=mode,
            county=station.county_adcode,
            station_code=station.code,
        )

    def text(self, station_id: int, kind: str) -> str:
        """The own text of a station for a kind of letter, else the network's, in the language of the moment.

        One that was written in a single language stands in both: how to find the gate helps in any. Empty without one.
        """
        for scope in (Place(Level.STATION, str(station_id)).scope, NETWORK):
            if found := self.settings.get((scope, Kind.TEXT, kind)):
                return tr(found, "text")
        return ""


class PolicyStore:
    """The process's current Policy. `current()` is never older than the moment in which it is called."""

    def __init__(self, database: Database, version: Callable[[], Awaitable[int]]) -> None:
        self._database = database
        self._version = version
        self._policy: Policy | None = None
        self._loading = asyncio.Lock()

    @property
    def latest(self) -> Policy:
        """The one that was read last, for whoever has it read along with a network (`NetworkStore`)."""
        if self._policy is None:
            raise LookupError("no policy was read yet")
        return self._policy

    async def current(self) -> Policy:
        return await self.at(await self._version())

    async def at(self, version: int) -> Policy:
        """A policy that isn't older than this version: without a statement for whoever has just read a network."""
        policy = self._policy
        if policy is not None and policy.version >= version:
            return policy
        async with self._loading:
            if self._policy is None or self._policy.version < version:
                self._policy = await load_policy(self._database, version)
            return self._policy


async def load_policy(database: Database, version: int) -> Policy:
    """What is in force now, which is at least what was in force at `version`."""
    return _policy(version, await database.fetch(IN_FORCE, ()))


def _policy(version: int, rows: Iterable[Row]) -> Policy:
    deadlines: dict[tuple[str | None, str | None], list[DeadlineRule]] = {}
    settings: dict[tuple[str, str, str], Values] = {}
    booking: dict[str, dict[Rule, int]] = {}
    for scope, kind, key, value, station_code in rows:
        settings[scope, kind, key] = value
        if kind == Kind.DEADLINE:
            rule = deadline_rule(place_of(scope), station_code, key, value["days"])
            deadlines.setdefault((rule.county, rule.station_code), []).append(rule)
        elif kind == Kind.BOOKING:
            booking.setdefault(scope, {})[Rule(key)] = value["number"]
    by_place = {place: tuple(rules) for place, rules in deadlines.items()}
    return Policy(version, by_place, settings, BookingRules(booking))


async def current_policy(request: Request) -> Policy:
    store: PolicyStore = request.app.state.policy
    return await store.current()


CurrentPolicy = Annotated[Policy, Depends(current_policy)]
