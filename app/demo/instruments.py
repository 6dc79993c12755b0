"""A ledger for the demo's enterprise: some of it overdue, some due soon, some without a date; told by its numbers."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, LiteralString
from uuid import UUID

import orjson
from sqlalchemy import text

from app.audit.service import Actor, Object, record
from app.catalogue.snapshot import Catalogue, CatalogueStore
from app.catalogue.version import NetworkVersion
from app.kit.clock import local_date
from app.kit.db import Database
from app.kit.ids import new_id
from app.ledger.derived import SAID, derived

COUNT, SEED = 48, 340200
MAKER, PREFIX = "演示仪表厂", "DEMO"
KINDS = (
    ("弹性元件式一般压力表", "MET-MEC-015", "Y-100", "(0~1.6) MPa", "1.6级", "safety_protection", "station"),
    ("数字指示秤", "MET-MEC-018", "TCS-150", "(0~150) kg", "Ⅲ级", "trade_settlement", "station"),
    ("可燃气体检测报警器", "MET-CHE-062", "GT-800", "(0~100) %LEL", "±5%FS", "safety_protection", "onsite"),
    ("通用卡尺", "MET-GEO-001", "(0~150) mm", "(0~150) mm", "0.02 mm", None, "station"),
    ("千分尺", "MET-GEO-002", "(0~25) mm", "(0~25) mm", "0.01 mm", None, "station"),
    ("电子天平", "MET-MEC-020", "BSA224S", "(0~220) g", "Ⅰ级", None, "onsite"),
    ("数字压力计", "MET-MEC-016", "XK-30", "(-0.1~2.5) MPa", "0.05级", None, "station"),
    ("实验室pH计", "MET-CHE-057", "PHS-3E", "(0~14) pH", "0.01级", None, "station"),
)
PLACES = ("1号锅炉房", "2号锅炉房", "装配车间", "成品仓库", "理化实验室", "空压站")
FIRM: LiteralString = """
SELECT organisation.id, membership.person_id FROM organisation
JOIN membership ON membership.organisation_id = organisation.id
WHERE organisation.demo AND organisation.closed_at IS NULL
    AND NOT EXISTS (SELECT FROM instrument WHERE instrument.organisation_id = organisation.id)
ORDER BY organisation.created_at LIMIT 1
"""
INSERT = text("""
    WITH made AS (
        INSERT INTO instrument
        SELECT new.* FROM jsonb_populate_recordset(CAST(NULL AS instrument), CAST(:rows AS jsonb)) new
        RETURNING id
    )
    INSERT INTO instrument_event (id, instrument_id, at, kind, person_id)
    SELECT step, id, :now, 'imported', :person
    FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM made) numbered
    JOIN unnest(CAST(:steps AS uuid[])) WITH ORDINALITY steps (step, n) USING (n)
""")


async def load_instruments(url: str, now: datetime, *, seed: int = SEED) -> int:
    """How many were made; 0 where the enterprise has some, or there is none."""
    database = Database(url, pool_size=2)
    await database.open()
    try:
        firms = await database.fetch(FIRM, ())
        if not firms:
            return 0
        [(organisation_id, person_id)] = firms
        catalogue = await CatalogueStore(database, NetworkVersion(database)).current()
        chance = Random(seed)  # noqa: S311 - a demo, not a secret
        rows = list(_rows(organisation_id, catalogue, now, chance))
        values = {"rows": orjson.dumps(rows).decode(), "steps": [new_id() for _row in rows]}
        async with database.writer() as session:
            await session.execute(INSERT, {**values, "now": now, "person": person_id})
            who, what = Actor("system", name="onestop demo"), Object("demo", "instruments")
            await record(session, who, "demo.loaded", what, at=now, after={"instruments": len(rows), "seed": seed})
            await session.commit()
    finally:
        await database.close()
    return len(rows)


def _rows(organisation_id: UUID, catalogue: Catalogue, now: datetime, random: Random) -> Iterator[dict[str, Any]]:
    months = {service.id: service.validity_months for service in catalogue.by_id.values()}
    today = local_date(now)
    for n in range(COUNT):
        name, code, model, reach, accuracy, use, delivery = KINDS[n % len(KINDS)]
        service = catalogue.by_code.get(code)
        said = dict.fromkeys(SAID) | {
            "instrument_name": name,
            "model_spec": model,
            "measuring_range": reach,
            "accuracy_class": accuracy,
            "serial_no": f"{PREFIX}-{n + 1:04}",
            "manufacturer": MAKER,
            "install_location": random.choice(PLACES),
            "use_region_code": "340202",
            "quantity": 1,
            "use_purpose": use,
            "delivery": delivery,
            "service_id": service.id if service else None,
            "last_cert_date": _verified(today, service.validity_months if service else None, random),
        }
        own = {"id": new_id(), "organisation_id": organisation_id, "version": 1, "created_at": now, "changed_at": now}
        yield said | own | derived(said, months)


def _verified(today: date, months: int | None, random: Random) -> date | None:
    """A day from which one in eight is overdue by now, and every tenth isn't known."""
    if not months or random.random() < 0.1:  # noqa: PLR2004 - see above
        return None
    return today - timedelta(days=int(months * 30.4 * random.uniform(0, 1.14)))
