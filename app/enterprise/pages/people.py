"""Who acts for an organisation: invited by mail, given another role, removed. For its owners."""

from typing import Annotated

from fastapi import Form, Response

from app.accounts.errors import AlreadyMember, LastOwner
from app.accounts.ids import OrganisationId
from app.accounts.letterhead import Head
from app.accounts.mailboxes import may_be_written_to
from app.accounts.queries.organisations import Colleague, Mine, colleague, invitations, mine
from app.accounts.service import members
from app.enterprise.forms import Sheet, mail_address
from app.enterprise.ids import InvitationId, PersonId
from app.enterprise.pages.frame import Acting, Call, Looking, address, see
from app.enterprise.words import ROLES, role_options
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.problems import Forbidden, TooMany

router = Door(route_class=RetryingRoute)
CHOICES = ("delegate", "owner")
Typed = Annotated[str, Form(max_length=10_000)]


async def owned(call: Call, organisation: OrganisationId) -> Mine:
    """The organisation, for an owner to see. Raises NotFound, Forbidden."""
    own = await mine(call.session, call.caller, organisation)
    if not own.owned:
        raise Forbidden
    return own


# --- Invitations -----------------------------------------------------------------------------------------------------


@router.get("/organisation/{organisation}/invite")
async def invite_form(call: Looking, organisation: OrganisationId) -> Response:
    return invite_page(call, await owned(call, organisation), "", "delegate", {})


@router.post("/organisation/{organisation}/invite")
async def invite(
    call: Acting, organisation: OrganisationId, head: Head, email: Typed = "", role: Typed = ""
) -> Response:
    own, sheet = await owned(call, organisation), Sheet()
    cleaned = sheet.take("email", email, mail_address)
    chosen = sheet.choose("role", role, CHOICES)
    if not sheet.errors and not await may_be_written_to(call.request, cleaned, call.now):
        sheet.errors["email"] = TooMany().sentence()
    if not sheet.errors:
        try:
            await members.invite(call.session, call.caller, own.id, cleaned, chosen, head=head, now=call.now)
            return see(f"{address(own.id)}?done=invited")
        except AlreadyMember as problem:
            sheet.errors["email"] = problem.sentence()
        except TooMany:
            sheet.errors[""] = _("Fifty invitations were sent in a day. Please go on tomorrow.")
    return invite_page(call, own, email, chosen, sheet.errors)


def invite_page(call: Call, own: Mine, email: str, role: str, errors: dict[str, str]) -> Response:
    context = {
        "own": own,
        "email": email,
        "role": role,
        "options": role_options(),
        "errors": errors,
        "back": address(own.id),
    }
    return call.show("invite.html", context, again=bool(errors))


@router.post("/organisation/{organisation}/invitations/{invitation}/resend")
async def resend(call: Acting, organisation: OrganisationId, invitation: InvitationId, head: Head) -> Response:
    """Raises TooMany too when the address has got its share of mails from here."""
    own = await owned(call, organisation)
    waiting = {each.id: each.email for each in await invitations(call.session, own.id)}
    if invitation in waiting and not await may_be_written_to(call.request, waiting[invitation], call.now):
        raise TooMany
    await members.resend(call.session, call.caller, organisation, invitation, head=head, now=call.now)
    return see(f"{address(organisation)}?done=resent")


@router.post("/organisation/{organisation}/invitations/{invitation}/withdraw")
async def withdraw(call: Acting, organisation: OrganisationId, invitation: InvitationId) -> Response:
    await members.withdraw(call.session, call.caller, organisation, invitation, call.now)
    return see(f"{address(organisation)}?done=withdrawn")


# --- One of the people ------------------------------------------------------------------------------------------------


@router.get("/organisation/{organisation}/people/{person}")
async def one(call: Looking, organisation: OrganisationId, person: PersonId) -> Response:
    own = await owned(call, organisation)
    return person_page(call, own, await colleague(call.session, own.id, person), {})


@router.post("/organisation/{organisation}/people/{person}/role")
async def change_role(call: Acting, organisation: OrganisationId, person: PersonId, role: Typed = "") -> Response:
    own, sheet = await owned(call, organisation), Sheet()
    sheet.choose("role", role, CHOICES)
    if not sheet.errors:
        try:
            await members.change_role(call.session, call.caller, own.id, person, role, now=call.now)
            return see(f"{address(own.id)}?done=changed")
        except LastOwner as problem:
            sheet.errors["role"] = problem.sentence()
    return person_page(call, own, await colleague(call.session, own.id, person), sheet.errors)


@router.post("/organisation/{organisation}/people/{person}/remove")
async def remove(call: Acting, organisation: OrganisationId, person: PersonId) -> Response:
    own = await owned(call, organisation)
    try:
        await members.remove(call.session, call.caller, own.id, person, call.now)
    except LastOwner as problem:
        return person_page(call, own, await colleague(call.session, own.id, person), {"": problem.sentence()})
    return see("/organisation?done=left" if person == call.person_id else f"{address(own.id)}?done=removed")


def person_page(call: Call, own: Mine, found: Colleague, errors: dict[str, str]) -> Response:
    context = {
        "own": own,
        "person": found,
        "myself": found.person_id == call.person_id,
        "role": ROLES[found.role],
        "options": role_options(),
        "errors": errors,
        "back": address(own.id),
        "here_path": address(own.id, "people", str(found.person_id)),
    }
    return call.show("person.html", context, again=bool(errors))
