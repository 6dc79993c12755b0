"""The table of a ticket's way as a page of the documentation: docs/hall.md is what this gives. Pure."""

from collections.abc import Iterable

from app.hall.rules.states import AT_DESK, MOST_CALLS, State
from app.hall.rules.table import TABLE, Seat, Step

INTRO = f"""# A ticket at the counter

Drawn from the table in [app/hall/rules/table.py](../app/hall/rules/table.py) by `python -m scripts.hall`; a test
compares them. A step that isn't in the table is refused as `invalid_transition`, which names the ticket's state. Nobody
is called more than {MOST_CALLS} times at a desk. What can be taken back can be for a minute, unless the request behind
an appointment has gone on with it.

Who is called next is one rule, [app/hall/rules/calling.py](../app/hall/rules/calling.py), by two times that stand with
each ticket: `rank_at` is its place in time (when somebody came, an appointment's own time, earlier for who has
priority), and from `first_from` on it goes before all whose `first_from` has not come (an appointment from five minutes
before its time, who has priority after ten minutes, everybody after forty).

Nothing points at a desk at which nobody sits: nobody leaves a desk with somebody at it, whoever waits for that desk
alone may be called by others once it is left, nobody is passed on to an empty one or brought back to it by taking a
step back, and what was forgotten overnight is ended before the first one of the day is called.

A manager closes the hall for the day: who has an appointment still gets a ticket, whoever waits is served or, at the
end, marked as left. In an emergency the hall is stopped: from that commit on nobody is called and no ticket given out,
since who issues waits for the row of the day, and who calls for that of the desk's session, both of which a stop
changes. Both end with the day.

"""
SEATS = {Seat.KEPT: "", Seat.TAKEN: "takes it", Seat.LEFT: "leaves it"}


def document() -> str:
    """The whole page in Markdown."""
    return INTRO + "```mermaid\n" + "\n".join(_diagram()) + "\n```\n\n" + "\n".join(_rows()) + "\n"


def _diagram() -> Iterable[str]:
    yield "stateDiagram-v2"
    yield "    [*] --> waiting: issue"
    for step in TABLE:
        for source in _ordered(step):
            if step.target is not None:
                yield f"    {source} --> {step.target}: {step.action}"


def _rows() -> Iterable[str]:
    yield "| step | from | to | desk | can be taken back |"
    yield "| --- | --- | --- | --- | --- |"
    for step in TABLE:
        rest = {None: "", True: ", while something is open", False: ", when nothing is open"}[step.remaining]
        target = (step.target or "(stays)") + rest + (", its turn has come" if step.front else "")
        seat = SEATS[step.seat] if AT_DESK & (step.sources | {step.target}) else ""
        back = "yes" if step.undone else "no"
        yield f"| {step.action} | {', '.join(_ordered(step))} | {target} | {seat} | {back} |"


def _ordered(step: Step) -> list[State]:
    return [state for state in State if state in step.sources]
