"""Closing the hall and opening it again, sending home who still waits, stopping at once and going on."""

from uuid import UUID

from fastapi import Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from app.hall.day.pages.frame import DAY, MANAGE, AsManager, Managing, days_of, see, show
from app.hall.models import REASON_LENGTH
from app.hall.opening import opening_of
from app.hall.pages.frame import FORM_AGAIN, Here, Typed, sentences, text_of, texts_of
from app.hall.queries import Line, board_of
from app.hall.rules.states import HaltReason
from app.hall.words import HALT_REASONS, STATES
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid

router = Door(route_class=RetryingRoute)
NO_REASON = lazy("Choose why the hall is stopped.")


@router.get(f"{DAY}/close", dependencies=[MANAGE])
async def sure(here: AsManager) -> HTMLResponse:
    """What closing means, and who waits at the moment."""
    return show(here, "close.html", {"waiting": await still_here(here), "state_of": state_of})


@router.post(f"{DAY}/close", dependencies=[MANAGE])
async def close(here: Managing) -> Response:
    """No more tickets today but for appointments."""
    return see(here, "closed", changed=await days_of(here).close())


@router.post(f"{DAY}/open", dependencies=[MANAGE])
async def open_again(here: Managing) -> Response:
    """Tickets for everybody again."""
    return see(here, "opened", changed=await days_of(here).open())


@router.get(f"{DAY}/home", dependencies=[MANAGE])
async def whom(here: AsManager) -> HTMLResponse:
    """Everybody who would be marked as left: those who wait, were called or are parked; who is served is named too."""
    return await home_page(here)


@router.post(f"{DAY}/home", dependencies=[MANAGE])
async def home(here: Managing, typed: Typed) -> Response:
    """Mark those who were listed as left; whoever has been called to a desk and begun with meanwhile stays."""
    opening = await opening_of(here.at.database, here.station, here.at.now)
    if opening.closed_at is None:
        return see(here, "already")
    gone = await days_of(here).send_home(here.at.counter(here.station), ids_in(typed))
    return see(here, "home", changed=bool(gone))


@router.get(f"{DAY}/halt", dependencies=[MANAGE])
async def ask(here: AsManager) -> HTMLResponse:
    """Why the hall is to be stopped."""
    return halt_page(here, {}, {})


@router.post(f"{DAY}/halt", dependencies=[MANAGE])
async def halt(here: Managing, typed: Typed) -> Response:
    """Nobody is called and no ticket given out from now on."""
    words = text_of(typed, "words", REASON_LENGTH)
    try:
        changed = await days_of(here).halt(reason_in(typed), words)
    except Invalid as problem:
        return halt_page(here, {"reason": text_of(typed, "reason"), "words": words}, sentences(problem))
    return see(here, "halted", changed=changed)


@router.post(f"{DAY}/go-on", dependencies=[MANAGE])
async def go_on(here: Managing) -> Response:
    """The stop is over."""
    return see(here, "resumed", changed=await days_of(here).go_on())


async def still_here(here: Here) -> list[Line]:
    """Who would be left over at the end of the day, in the order in which they are called."""
    board = await board_of(here.at.database, here.station, here.at.now)
    return [*board.called, *board.waiting, *board.parked]


async def home_page(here: Here) -> HTMLResponse:
    board = await board_of(here.at.database, here.station, here.at.now)
    opening = await opening_of(here.at.database, here.station, here.at.now)
    lines = [*board.called, *board.waiting, *board.parked]
    context = {"lines": lines, "serving": board.serving, "opening": opening, "state_of": state_of}
    return show(here, "home.html", context)


def state_of(line: Line) -> str:
    return str(STATES[line.state])


def halt_page(here: Here, typed: dict[str, str], errors: dict[str, str]) -> HTMLResponse:
    reasons = [(each.value, str(words)) for each, words in HALT_REASONS.items()]
    context = {"reasons": reasons, "typed": typed, "errors": errors, "length": REASON_LENGTH}
    return show(here, "halt.html", context, status_code=FORM_AGAIN if errors else 200)


def reason_in(typed: FormData) -> HaltReason:
    """Raises Invalid."""
    chosen = text_of(typed, "reason", 20)
    if chosen not in set(HaltReason):
        raise Invalid(errors=[FieldError("reason", "required", NO_REASON.msgid)])
    return HaltReason(chosen)


def ids_in(typed: FormData) -> list[UUID]:
    """The tickets that were listed; what isn't the id of one is passed over."""
    found = []
    for text in texts_of(typed, "ticket"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
