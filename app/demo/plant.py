"""The package that a demo's enterprise has begun: some steps are done, one is left out, the others can be booked.

Begun by the room's own service, with requests of the enterprise's past.
"""

from datetime import datetime, timedelta
from typing import LiteralString

from app.audit.service import Actor
from app.bundles import service
from app.bundles.offered import packages
from app.bundles.queries import view
from app.bundles.rules import Package
from app.bundles.service import Beginning, Doer
from app.kit.db import Database
from app.requests.owners import Owner
from app.requests.queries import by_id
from app.requests.rules import FINISHED
from app.stations.snapshot import Network, load_network

PACKAGE, TOWN = "new-plant", "340202013"
PLANT_BEGUN = timedelta(days=45)
LEFT_OUT, REASON = "scales", "演示：厂内没有用于贸易结算的秤"
STEPS_DONE = "ledger", "filing", "gauges", "valves"
ACTOR = Actor("system", name="onestop demo")
FIRM: LiteralString = """
SELECT organisation.id, membership.person_id FROM organisation
JOIN membership ON membership.organisation_id = organisation.id
WHERE organisation.demo AND organisation.closed_at IS NULL
    AND NOT EXISTS (SELECT FROM bundle WHERE bundle.organisation_id = organisation.id)
ORDER BY organisation.created_at LIMIT 1
"""
REQUESTS: LiteralString = """
SELECT DISTINCT ON (service.code) service.code, request.id, request.created_at FROM request
JOIN request_item item ON item.request_id = request.id AND item.station_id = request.station_id
JOIN service ON service.id = item.service_id
WHERE request.organisation_id = %(own)s AND request.created_at > %(since)s AND request.status = ANY (%(over)s)
ORDER BY service.code, request.created_at
"""


def services_done() -> set[str]:
    """The services of the steps that are done; none where an operator's packages are other ones."""
    package = packages().named(PACKAGE)
    return {step.service for step in package.steps if step.key in STEPS_DONE} if package else set()


async def load_plant(url: str, secret_key: bytes, now: datetime) -> int:
    """How many steps were given requests; 0 where the enterprise has a package, or none can be begun."""
    database = Database(url, pool_size=2)
    await database.open()
    try:
        network, firms = await load_network(database), await database.fetch(FIRM, ())
        package = packages().named(PACKAGE)
        if not firms or package is None or not {step.service for step in package.steps} <= set(network.service_index):
            return 0
        return await _begin(database, network, package, Owner(*firms[0]), secret_key=secret_key, now=now)
    finally:
        await database.close()


async def _begin(
    database: Database, network: Network, package: Package, owner: Owner, *, secret_key: bytes, now: datetime
) -> int:
    values = {"own": owner.organisation_id, "since": now - PLANT_BEGUN, "over": sorted(FINISHED)}
    made = {code: (request_id, at) for code, request_id, at in await database.fetch(REQUESTS, values)}
    begun = min((at for _request, at in made.values()), default=now) - timedelta(hours=2)
    beginning, count = Beginning(package, packages().version, TOWN), 0
    async with database.writer() as session:
        bundle = await service.begin(session, network, beginning, owner, ACTOR, secret_key=secret_key, now=begun)
        for step in package.steps:
            if step.key in STEPS_DONE and step.service in made:
                request_id, at = made[step.service]
                found = await by_id(session, network, request_id)
                whole = await view(session, network, bundle)
                await service.link(session, whole, step.key, found, Doer(ACTOR, owner.person_id, at))
                count += 1
        whole = await view(session, network, bundle)
        await service.leave_out(
            session, whole, LEFT_OUT, REASON, Doer(ACTOR, owner.person_id, begun + timedelta(hours=1))
        )
        await session.commit()
    return count
