"""What an account spares its owner on the page of the details: the organisation is chosen, the contact filled in."""

from collections.abc import Mapping
from dataclasses import replace

from app.booking.forms import OTHER, Typed, Visit
from app.kit.db import Database
from app.kit.uscc import normalise
from app.requests.codes import code_stands, doubtful
from app.requests.owners import Account


def filled_in(typed: Typed, account: Account) -> Typed:
    """The form on the first look: with the first organisation and the person's own contact data."""
    if typed.applicant or not account.organisations:
        return typed
    contact = {"contact_name": account.name, "mobile": account.mobile, "email": account.email}
    return as_chosen(replace(typed, applicant=contact, organisation=str(account.organisations[0].id)), account)


def as_chosen(typed: Typed, account: Account) -> Typed:
    """The form with name and code of the organisation that was chosen: these come from the account alone."""
    for own in account.organisations:
        if typed.organisation == str(own.id):
            return replace(typed, applicant={**typed.applicant, "organisation_name": own.name, "uscc": own.uscc})
    return typed


def chosen(applicant: Mapping[str, str], account: Account) -> str:
    """The organisation of the form: the own one whose code it has, else another one."""
    code = normalise(applicant.get("uscc", ""))
    return next((str(own.id) for own in account.organisations if own.uscc == code), OTHER)


async def with_accepted_code(database: Database, typed: Typed, visit: Visit) -> Visit:
    """The same visit, knowing whether staff accepted the code; looked up only when its check digits don't fit."""
    code = normalise(typed.applicant.get("uscc", ""))
    if doubtful(code) and await code_stands(database, code):
        return replace(visit, accepted=code)
    return visit
