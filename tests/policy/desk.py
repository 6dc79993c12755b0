"""What the tests of the settings share."""

from typing import Any

from app.kit.db import Database

NEW = "/office/settings/deadlines/new"
HERE, SAME_COUNTY, ELSEWHERE = "WH-JH-01", "WH-JH-02", "WH-JJ-01"
JINGHU = "340202"
WHY = "市局会议纪要第 12 号"


async def rows(database: Database, statement: str, *values: object) -> list[tuple[Any, ...]]:
    return await database.fetch(statement, values)  # type: ignore[arg-type]  # statements of tests


async def last_change(database: Database, scope: str, kind: str, key: str) -> int:
    """The id of what is in force."""
    statement = "SELECT max(id) FROM policy_change WHERE scope = %s AND kind = %s AND key = %s"
    [(found,)] = await rows(database, statement, scope, kind, key)
    return int(found)


async def first_answer(database: Database) -> str:
    """The address of the network's rule about a first answer."""
    return f"/office/settings/changes/{await last_change(database, 'network', 'deadline', 'first_answer/*/*/*')}"


async def station_id(database: Database, code: str) -> int:
    [(found,)] = await rows(database, "SELECT id FROM station WHERE code = %s", code)
    return int(found)
