"""For whoever runs the portal: is it alive, and can it serve."""

from fastapi import Request
from pydantic import BaseModel

from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import Unavailable, problem_responses

router = Door(tags=["operation"])


class Live(BaseModel):
    status: str = "live"


class Ready(BaseModel):
    status: str = "ready"
    migration: str


@router.get("/healthz")
async def live() -> Live:
    """The process answers. Says nothing about the database, so that a restart isn't tried where it can't help."""
    return Live()


@router.get("/readyz", responses=problem_responses(Unavailable))
async def ready(request: Request, database: Hot) -> Ready:
    """The database is reached and its migrations are those of this program."""
    rows = await database.fetch("SELECT version_num FROM alembic_version", ())
    head: str = request.app.state.migration_head
    if [(head,)] != rows:
        raise Unavailable(reason="migrations", expected=head)
    return Ready(migration=head)
