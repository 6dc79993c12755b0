"""What the pages of the wizard share: whose draft it is, whether it is the page's turn, the frame around the question.

router = Door(route_class=WizardRoute)

@router.get("/book/{draft}/when")
async def when(wizard: Wizard) -> HTMLResponse:
    wizard.guard(Step.WHEN)
    return wizard.show("booking/when.html", Step.WHEN, {...})

@router.post("/book/{draft}/when")
async def choose(wizard: Wizard) -> Response:
    wizard.data.station = ...
    await wizard.save()
    return wizard.onward()
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.booking.drafts import Draft, DraftData, load, save
from app.booking.errors import DraftGone, Elsewhere
from app.booking.steps import STEPS, Step, first_open_step, path, summary
from app.catalogue.snapshot import Catalogue, current_catalogue
from app.kit.clock import now
from app.kit.db import RetryingRoute, WriteSession, Writing
from app.stations.snapshot import Network, current_network
from app.web.client import Client
from app.web.templating import page

SEE_OTHER = 303
Now = Annotated[datetime, Depends(now)]


class WizardRoute(RetryingRoute):
    """Answers for a draft that is gone with a new start, and sends on whoever has come too early."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def leading(request: Request) -> Response:
            try:
                return await handler(request)
            except DraftGone as gone:
                return page(request, "booking/gone.html", {"detail": gone.sentence()}, status_code=gone.status)
            except Elsewhere as other:
                return see(other.path)

        return leading


def see(address: str) -> RedirectResponse:
    """Post, redirect, get: going back or reloading repeats nothing."""
    return RedirectResponse(address, SEE_OTHER)


@dataclass(slots=True)
class WizardPage:
    """One call of one page: the visitor's draft and the world as it is now. A POST has the draft for itself."""

    request: Request
    session: WriteSession
    network: Network
    catalogue: Catalogue
    now: datetime
    draft: Draft

    @property
    def data(self) -> DraftData:
        return self.draft.data

    @property
    def open_step(self) -> Step:
        return first_open_step(self.data, self.catalogue, self.now)

    def path(self, step: Step | str) -> str:
        return path(self.draft.id, step)

    def guard(self, step: Step) -> None:
        """Raises Elsewhere: the request has been sent already, or a page before this one is still open."""
        if self.data.reference:
            raise Elsewhere(self.path("done"))
        if step.number > self.open_step.number:
            raise Elsewhere(self.path(self.open_step))

    async def save(self) -> None:
        await save(self.session, self.draft, self.now)

    def onward(self) -> RedirectResponse:
        """To the first page that is still open."""
        return see(self.path(self.open_step))

    def show(self, template: str, step: Step, context: Mapping[str, Any], *, status_code: int = 200) -> HTMLResponse:
        """The page with its frame; `errors` (a mapping or pairs of field and sentence) may be in the context."""
        back = "/" if step is STEPS[0] else self.path(STEPS[step.number - 2])
        frame = {
            "draft": self.draft,
            "data": self.data,
            "step": step,
            "steps": STEPS,
            "back": back,
            "summary": summary(self.draft, self.network, self.catalogue, self.now),
            "errors": {},
        }
        return page(self.request, template, frame | dict(context), status_code=status_code)


async def wizard_page(request: Request, draft: str, session: Writing, client: Client, at: Now) -> WizardPage:
    """Raises DraftGone also for an address that no draft can have."""
    try:
        draft_id = UUID(draft)
    except ValueError as error:
        raise DraftGone from error
    own = await load(session, draft_id, client.key, at, lock=request.method == "POST")
    # Asked in the same moment, both are answered by one look at the network's version.
    network, catalogue = await asyncio.gather(current_network(request), current_catalogue(request))
    return WizardPage(request, session, network, catalogue, at, own)


Wizard = Annotated[WizardPage, Depends(wizard_page)]
