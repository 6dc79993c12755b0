"""Parts that rooms above give for the page of a request, for its owner and for staff: `furnishing` names them."""

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from app.requests.queries import RequestView
from app.requests.visiting import Visitor


class Beside(Protocol):
    """A section of the page for whoever looks, in their language; empty where there is nothing to say."""

    async def __call__(self, visitor: Visitor, view: RequestView) -> Markup: ...


async def beside(visitor: Visitor, view: RequestView) -> list[Markup]:
    """The sections, in the order in which `furnishing` names them."""
    givers: Sequence[Beside] = visitor.request.app.state.beside_requests
    return [part for give in givers if (part := await give(visitor, view))]
