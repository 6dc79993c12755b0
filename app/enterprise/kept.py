"""What is kept of a person, why and how long, as the page "my data" says it (PIPL, articles 17 and 19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from app.accounts.retention import RULES as OF_ACCOUNTS
from app.audit.rules import KEPT
from app.bundles.retention import RULES as OF_BUNDLES
from app.feeds.retention import RULES as OF_FEEDS
from app.kit.i18n import LazyString, lazy, ngettext
from app.notify.retention import RULES as OF_MAILS
from app.requests.retention import RULES as OF_REQUESTS

DAYS_OF_A_YEAR = 365
ALWAYS_SHOWN = {"sessions", "mail_links", "sign_in_failures", "messages", "requests", "drafts", "bundles"}
OF_STAFF_AND_PROGRAMS = {"api_keys", "calendar_feeds"}


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind: what, why, how long, in words."""

    what: str
    why: str
    long: str


OWN: tuple[tuple[LazyString, LazyString, LazyString], ...] = (
    (
        lazy("Name, mail address, phone and language of your account"),
        lazy("To know who you are when you sign in, and to reach you"),
        lazy("Until you close the account"),
    ),
    (
        lazy("Your password as a digest that can't be turned back, and the second factor, encrypted"),
        lazy("To let in nobody but you"),
        lazy("Until you change them, or close the account"),
    ),
    (
        lazy("The organisations that you act for, and as what"),
        lazy("To show you their requests and nobody else's"),
        lazy("Until you leave"),
    ),
    (
        lazy("Which version of the privacy notice you agreed to, and when"),
        lazy("To prove that you were asked (Personal Information Protection Law, art. 14)"),
        lazy("For good; after the account is closed, without your name"),
    ),
    (
        lazy("For staff: the views of the inbox that you keep, with their names and filters"),
        lazy("To show you the same requests again"),
        lazy("Until you delete them, or close the account"),
    ),
    (
        lazy("For staff: the questions whose figures you get by mail, and how often"),
        lazy("To send them to you"),
        lazy("Until you end them, or close the account"),
    ),
    (
        lazy("For staff: the plans that you have made"),
        lazy("To plan the network, also after you"),
        lazy("Until somebody deletes them; after the account is closed, without your name"),
    ),
)
RECORD = (
    lazy("What was done with your account, when, and from which network address"),
    lazy("To clear up misuse; the law asks for at least six months (Cybersecurity Law, art. 21)"),
)


def kept() -> Iterable[Kept]:
    """Every kind, in the language of the moment."""
    for what, why, long in OWN:
        yield Kept(str(what), str(why), str(long))
    for rule in (*OF_REQUESTS, *OF_BUNDLES, *OF_ACCOUNTS, *OF_FEEDS, *OF_MAILS):
        if rule.key in ALWAYS_SHOWN | OF_STAFF_AND_PROGRAMS:
            yield Kept(str(rule.what), str(rule.why), span(rule.keep))
    yield Kept(str(RECORD[0]), str(RECORD[1]), span(KEPT))


def span(keep: timedelta) -> str:
    """ "3 years", "90 days"."""
    if keep.days >= DAYS_OF_A_YEAR:
        years = keep.days // DAYS_OF_A_YEAR
        return ngettext("{n} year", "{n} years", years).format(n=years)
    return ngettext("{n} day", "{n} days", keep.days).format(n=keep.days)
