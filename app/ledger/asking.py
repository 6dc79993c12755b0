"""Who asks for a ledger, for doors: whose it is, and whether a key may. A key does only what it was given for."""

from app.accounts.rules.rights import Caller, KeyScope
from app.enterprise.errors import KeyScopeMissing

MAY_READ = frozenset({KeyScope.READ_LEDGER, KeyScope.CHANGE_LEDGER})


def reads(caller: Caller) -> None:
    """Raises KeyScopeMissing."""
    if caller.kind == "key" and MAY_READ.isdisjoint(caller.key_scopes):
        raise KeyScopeMissing


def changes(caller: Caller) -> None:
    """Raises KeyScopeMissing."""
    if caller.kind == "key" and KeyScope.CHANGE_LEDGER not in caller.key_scopes:
        raise KeyScopeMissing
