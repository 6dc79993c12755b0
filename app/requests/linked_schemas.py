"""What the JSON door sends of a request that another one was split into or from."""

from typing import Literal

from app.kit.schemas import Out


class LinkedOut(Out):
    """A request that items were passed on as, or came from, and the code of its station now.

    Who reads the first request by its access code is told the access code of what was passed on.
    """

    reference: str
    relation: Literal["passed_on", "came_from"]
    station_code: str
    access_code: str | None
