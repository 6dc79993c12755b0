"""Forms with files, when the database asks for the whole once more."""

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy import text
from starlette.datastructures import UploadFile

from app.kit.db import Database, RetryingRoute
from app.web.bodies import form_of

pytestmark = pytest.mark.anyio
LARGE = b"x" * (2 << 20)  # more than is kept in memory
REFUSE = text("DO $$ BEGIN RAISE EXCEPTION 'once more' USING ERRCODE = '40001'; END $$")


async def test_a_file_is_read_from_its_beginning_when_the_route_is_run_again_and_closed_after_it(
    database: Database,
) -> None:
    seen: list[UploadFile] = []
    read: list[bytes] = []
    router = APIRouter(route_class=RetryingRoute)

    @router.post("/")
    async def take(request: Request) -> int:
        async with form_of(request) as form, database.writer() as session:
            file = form["file"]
            assert isinstance(file, UploadFile)
            seen.append(file)
            read.append(await file.read())
            if len(read) == 1:
                await session.execute(REFUSE)
        return len(read)

    app = FastAPI()
    app.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        answer = await client.post("/", files={"file": ("report.pdf", LARGE)})
    assert (answer.status_code, answer.json()) == (200, 2)
    assert read == [LARGE, LARGE]
    assert all(file.file.closed for file in seen)
