"""What the log would tell of people when a statement fails."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kit.db import Database

pytestmark = pytest.mark.anyio


async def test_the_error_of_a_statement_does_not_say_what_the_statement_was_given(database: Database) -> None:
    async with database.reader() as session:
        with pytest.raises(DBAPIError) as raised:
            await session.execute(
                text("SELECT 1 / CAST(:n AS int), CAST(:phone AS text)"), {"n": 0, "phone": "13912345678"}
            )
    assert "13912345678" not in str(raised.value)
