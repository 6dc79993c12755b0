"""What staff see of the people in a request until they have said why they need more. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.kit.text import mask_email, mask_mobile, mask_name
from app.requests.models import Request
from app.requests.sites import Site

PERSONAL_ANSWERS = frozenset({"site_contact"})
HIDDEN = "***"
_MAIL = re.compile(r"[\w.+-]+[@＠][\w.-]+\w")
# However somebody sets off the groups of a telephone number; longer gaps stand between two numbers.
_NUMBER = re.compile(r"\d(?:[\s().·（）/‐-―−-]{0,3}\d){6,}")


@dataclass(frozen=True, slots=True)
class Contact:
    """How the applicant is reached, and what was written to the station."""

    contact_name: str
    mobile: str
    email: str | None
    note: str | None


def contact_of(request: Request, *, masked: bool) -> Contact:
    if not masked:
        return Contact(request.contact_name, request.mobile, request.email, request.note)
    return Contact(
        mask_name(request.contact_name),
        mask_mobile(request.mobile),
        request.email and mask_email(request.email),
        request.note and masked_text(request.note),
    )


@dataclass(frozen=True, slots=True)
class SiteContact:
    """Who receives staff at the site; empty when it is whoever asked."""

    contact_name: str
    contact_phone: str


def site_contact(site: Site, *, masked: bool) -> SiteContact:
    name, phone = site.contact_name, site.contact_phone
    return SiteContact(mask_name(name), mask_mobile(phone)) if masked else SiteContact(name, phone)


def inputs_of(inputs: Mapping[str, Any], *, masked: bool) -> Mapping[str, Any]:
    """The answers to a form; those that name a person are hidden wholly, nobody knows how they are written."""
    if not masked:
        return inputs
    return {key: HIDDEN if key in PERSONAL_ANSWERS else value for key, value in inputs.items()}


def masked_text(text: str) -> str:
    """A text without the mail addresses and telephone numbers in it: the rest is what the station has to know."""
    without_mail = _MAIL.sub(lambda found: mask_email(found[0]), text)
    return _NUMBER.sub(lambda found: HIDDEN + found[0][-2:], without_mail)
