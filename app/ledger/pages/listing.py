"""The ledger: what is due first at the top, to search, to filter, to choose from."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, Field

from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.i18n import LazyString, lazy
from app.ledger.pages.frame import HERE, Call, Looking
from app.ledger.queries import Sort, Standing, Wish, counts, page_of
from app.ledger.rules.dues import When
from app.ledger.words import WHENS
from app.web.forms import address

router = Door()
A_PAGE = 50
STANDINGS = {
    Standing.IN_USE: lazy("In use"),
    Standing.FREE: lazy("In use, nothing booked"),
    Standing.BOOKED: lazy("Booked"),
    Standing.RETIRED: lazy("Out of use"),
}
SORTS: dict[Sort, LazyString] = {
    Sort.DUE: lazy("Due first"),
    Sort.NAME: lazy("By name"),
    Sort.NEWEST: lazy("Newest first"),
}


class Filters(BaseModel):
    """The address of the list. What it doesn't know it leaves out, so that an old link still leads somewhere."""

    q: Annotated[str, Field(max_length=100)] = ""
    due: Annotated[str, Field(max_length=10)] = ""
    state: Annotated[str, Field(max_length=10)] = ""
    sort: Annotated[str, Field(max_length=10)] = ""
    cursor: Annotated[str, Field(max_length=1000)] = ""

    def wish(self, limit: int = 0) -> Wish:
        """With a `limit` as much from the beginning, else a page."""
        return Wish(
            q=self.q,
            when=When(self.due) if self.due in set(When) else None,
            standing=Standing(self.state) if self.state in set(Standing) else Standing.IN_USE,
            sort=Sort(self.sort) if self.sort in set(Sort) else Sort.DUE,
            cursor=None if limit else self.cursor or None,
            limit=limit or A_PAGE,
        )

    def kept(self, wish: Wish) -> dict[str, Any]:
        """What of it stays in the addresses of other pages of the list."""
        return {
            "q": wish.q.strip(),
            "due": wish.when or "",
            "state": "" if wish.standing is Standing.IN_USE else wish.standing,
            "sort": "" if wish.sort is Sort.DUE else wish.sort,
        }


@router.get(HERE)
async def ledger(call: Looking, database: Hot, asked: Annotated[Filters, Query()]) -> Response:
    """Fifty at a time; a page of it costs one statement, its numbers another."""
    wish = asked.wish()
    today = call.world.today
    found = await page_of(database, call.caller.person_id, call.own.id, wish, today)
    kept = asked.kept(wish)
    context = {
        "counts": await counts(database, call.caller.person_id, call.own.id, today),
        "rows": [call.world.row(each) for each in found.items],
        "wish": wish,
        "kept": kept,
        "filtered": any(kept[name] for name in ("q", "due", "state")),
        "options": _options(),
        "chips": _chips(call),
        "first": address(call.path(), kept) if asked.cursor else "",
        "next": address(call.path(), kept, cursor=found.next) if found.next else "",
        "files": {
            kind: address(call.path("export"), kept, kind=kind, columns=width)
            for kind, width in (("xlsx", "standard"), ("csv", "standard"))
        },
        "all_columns": address(call.path("export"), kept, kind="xlsx", columns="all"),
    }
    return call.show("ledger.html", context)


def _options() -> dict[str, list[tuple[str, str]]]:
    return {
        "due": [(key, str(words)) for key, words in WHENS.items()],
        "state": [(key, str(words)) for key, words in STANDINGS.items() if key is not Standing.IN_USE],
        "sort": [(key, str(words)) for key, words in SORTS.items()],
    }


def _chips(call: Call) -> dict[str, str]:
    """Addresses of what is asked for most."""
    return {
        "overdue": address(call.path(), {"due": When.OVERDUE}),
        "soon": address(call.path(), {"due": When.DAYS_30}),
        "undated": address(call.path(), {"due": When.NONE}),
        "retired": address(call.path(), {"state": Standing.RETIRED}),
    }
