"""Before the place of a visit on site: the address to which staff come, and the days on which somebody is there."""

from collections.abc import Mapping
from datetime import timedelta

from fastapi import Response
from fastapi.responses import HTMLResponse

from app.booking.choices import keep_time_if_it_fits
from app.booking.errors import Elsewhere
from app.booking.onsite import NAMES, judged
from app.booking.pages.frame import Wizard, WizardPage, WizardRoute, see
from app.booking.pages.typed import text
from app.booking.steps import Step, chosen
from app.kit.clock import local_date
from app.kit.db import Hot
from app.kit.doors import Door
from app.kit.problems import Invalid
from app.requests.site_words import PARTS
from app.requests.sites import Part
from app.slots.queries import Availability
from app.slots.travel import ONSITE

router = Door(route_class=WizardRoute)
CONTACT_FIELD = "site_contact"


@router.get("/book/{draft}/site")
async def site(wizard: Wizard) -> HTMLResponse:
    """As it was left; on the first look with all days that can be booked."""
    _guard(wizard)
    return _page(wizard, _typed(wizard), {})


@router.post("/book/{draft}/site")
async def keep(wizard: Wizard, database: Hot) -> Response:
    """A time that is kept for other days, or another site, is given back."""
    _guard(wizard)
    before = wizard.data.model_copy(deep=True)
    async with wizard.request.form() as form:
        typed = {name: text(form, name) for name in NAMES}
    try:
        wizard.data.site = judged(typed, local_date(wizard.now), _horizon(wizard))
    except Invalid as problem:
        errors = {error.field: error.sentence() for error in problem.errors}
        return _page(wizard, typed, errors, status_code=Invalid.status)
    await keep_time_if_it_fits(database, wizard.data, before)
    await wizard.save()
    return see(wizard.path(Step.WHERE))


def _guard(wizard: WizardPage) -> None:
    """Raises Elsewhere also for a visit that isn't on site."""
    wizard.guard(Step.WHERE)
    if wizard.data.mode != ONSITE:
        raise Elsewhere(wizard.path(Step.WHERE))


def _horizon(wizard: WizardPage) -> int:
    availability: Availability = wizard.request.app.state.availability
    return availability.farthest(wizard.network)


def _typed(wizard: WizardPage) -> Mapping[str, str]:
    if wizard.data.site is not None:
        return {name: str(value) for name, value in wizard.data.site.model_dump(mode="json").items()}
    today = local_date(wizard.now)
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=_horizon(wizard))).isoformat()}
    return dict.fromkeys(NAMES, "") | days | {"part_of_day": Part.ANY.value}


def _page(
    wizard: WizardPage, typed: Mapping[str, str], errors: Mapping[str, str], *, status_code: int = 200
) -> HTMLResponse:
    today = local_date(wizard.now)
    forms = (question.key for service in chosen(wizard.data, wizard.catalogue) for question in service.fields)
    context = {
        "typed": typed,
        "errors": errors,
        "parts": [(part.value, str(words)) for part, words in PARTS.items()],
        "today": today.isoformat(),
        "asks_contact": CONTACT_FIELD not in forms,
    }
    return wizard.show("booking/site.html", Step.WHERE, context, status_code=status_code)
