"""Lists come a page at a time; these fetch the next page when the last item of one has been taken.

for station in each(portal.stations.list_stations, county="340202"):
    ...
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from .types import Unset

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)
P = ParamSpec("P")


class Page(Protocol[Item_co]):
    """What every list answers with."""

    @property
    def items(self) -> Sequence[Item_co]: ...

    @property
    def next_(self) -> str | Unset | None: ...


def each(call: Callable[P, Page[Item]], *args: P.args, **asked: P.kwargs) -> Iterator[Item]:
    """All items of a list, whatever its length."""
    ask, more = cast("Callable[..., Page[Item]]", call), cast("dict[str, Any]", asked)
    while True:
        page = ask(*args, **more)
        yield from page.items
        if not page.next_:
            return
        more = more | {"cursor": page.next_}


async def each_async(call: Callable[P, Awaitable[Page[Item]]], *args: P.args, **asked: P.kwargs) -> AsyncIterator[Item]:
    """The same for a client that awaits."""
    ask, more = cast("Callable[..., Awaitable[Page[Item]]]", call), cast("dict[str, Any]", asked)
    while True:
        page = await ask(*args, **more)
        for item in page.items:
            yield item
        if not page.next_:
            return
        more = more | {"cursor": page.next_}
