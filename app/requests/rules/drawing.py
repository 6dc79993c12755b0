"""The table of a request's life as a page of the documentation: docs/life.md is what this gives. Pure."""

from collections.abc import Iterable, Mapping

from app.requests.rules.states import EVERY_WAY, Action, State
from app.requests.rules.table import TABLE, Back, Need, Party, Step

INTRO = """# The life of a request item

Drawn from the table in [app/requests/rules/table.py](../app/requests/rules/table.py) by `python -m scripts.life`; a
test compares them. A request stands where the item stands that holds up the others (`roll_up`). A step that isn't in
the table is refused as `invalid_transition`, which names the item's state.

An item is *handed in* when it is done at a station and its form names an instrument or a sample, at the *counter* when
not; *onsite* and *online* are the modes of the same names. While a clock is paused no working day counts; what must
be given by staff when they are late is a `late_reason`.

Items can be rerouted and escalated alone: they leave the request and go on at the other station as a request of their
own, with its own reference, access code and appointment, linked with the first in both timelines. What stays keeps its
appointment, shortened to what it still needs, or gives it back when nothing goes on. Of a request with one item, and
when no item is named, the whole request goes.

"""


def document() -> str:
    """The whole page in Markdown."""
    return INTRO + "```mermaid\n" + "\n".join(_diagram()) + "\n```\n\n" + "\n".join(_rows()) + "\n"


def _diagram() -> Iterable[str]:
    """The way of an item through its states; what can be done at nearly any time stands in the table only."""
    yield "stateDiagram-v2"
    yield "    [*] --> submitted: submit"
    seen = set()
    for step in TABLE:
        for source in _ordered(step):
            arrow = f"    {source} --> {step.target}: {step.action}"
            if step.action not in ASIDE and source is not None and arrow not in seen:
                seen.add(arrow)
                yield arrow


ASIDE = frozenset(
    {Action.REROUTE, Action.ESCALATE, Action.CANCEL, Action.RESTORE, Action.COMPLAIN, Action.CLOSE_COMPLAINT}
)


TARGETS: Mapping[State | Back, str] = {Back.STAYS: "(stays)", Back.WHERE_IT_WAS: "(where it was)"}


def _rows() -> Iterable[str]:
    yield "| step | from | to | of what | by whom | must be given | clock |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for step in TABLE:
        sources = ", ".join(str(source) if source else "(nothing)" for source in _ordered(step))
        ways = "everything" if step.ways == EVERY_WAY else ", ".join(sorted(step.ways))
        who = "applicant" if step.by is Party.APPLICANT else f"staff with `{step.permission}`"
        needs = ", ".join(f"`{need}`" for need in step.needs if need is not Need.PLACE)
        needs = ", ".join(filter(None, ("a held time" if Need.PLACE in step.needs else "", needs)))
        booked = {None: "", True: " with a time booked", False: " without a time"}[step.booked]
        target = TARGETS.get(step.target, str(step.target))
        yield f"| {step.action} | {sources}{booked} | {target} | {ways} | {who} | {needs} | {step.effect} |"


def _ordered(step: Step) -> list[State | None]:
    order: list[State | None] = [None, *State]
    return sorted(step.sources, key=order.index)
