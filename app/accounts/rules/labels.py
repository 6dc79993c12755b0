"""The words for roles, scopes of keys and devices. Pure: the language is that of the moment."""

from collections.abc import Mapping

from app.accounts.rules.devices import device
from app.accounts.rules.rights import KeyScope, Role
from app.kit.i18n import LazyString, lazy
from app.kit.i18n import gettext as _

ROLES: Mapping[Role, LazyString] = {
    Role.WINDOW: lazy("Window clerk"),
    Role.OFFICER: lazy("Service officer"),
    Role.MANAGER: lazy("Station manager"),
    Role.COUNTY_ADMIN: lazy("County administrator"),
    Role.CITY_ADMIN: lazy("City administrator"),
    Role.AUDITOR: lazy("Auditor"),
}
KEY_SCOPES: Mapping[KeyScope, tuple[LazyString, LazyString]] = {
    KeyScope.READ_REQUESTS: (
        lazy("Read requests"),
        lazy("Those that you see yourself, with phone numbers and addresses masked."),
    ),
    KeyScope.CHANGE_REQUESTS: (
        lazy("Read and change requests"),
        lazy("Whatever you may change about them yourself; nothing more."),
    ),
    KeyScope.WORK_HALL: (
        lazy("Work at the counter"),
        lazy("Issue, call and finish tickets at the stations where you work yourself."),
    ),
    KeyScope.READ_NETWORK: (
        lazy("Read people and organisations"),
        lazy("As your role lets you see them; nothing can be changed."),
    ),
    KeyScope.READ_COVERAGE: (
        lazy("Read coverage and performance"),
        lazy("How far the network reaches, and what stations that you see yourself have done."),
    ),
    KeyScope.READ_LEDGER: (
        lazy("Read instruments"),
        lazy("The ledgers of the organisations that you act for."),
    ),
    KeyScope.CHANGE_LEDGER: (
        lazy("Read and change instruments"),
        lazy("Add, change and take in instruments of the organisations that you act for."),
    ),
}


def device_label(agent: str) -> str:
    """“Firefox on Windows”, or that it is not known."""
    browser, system = device(agent)
    if browser and system:
        return _("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or _("Unknown device")
