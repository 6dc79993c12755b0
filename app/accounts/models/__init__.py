"""People and how they get in, organisations and who acts for them."""

from app.accounts.models.access import ApiKey, MailToken, SignInFailure, SigninSession
from app.accounts.models.organisations import CodeCase, Membership, Organisation
from app.accounts.models.people import Identity, Person, RecoveryCode, RoleGrant

__all__ = [
    "ApiKey",
    "CodeCase",
    "Identity",
    "MailToken",
    "Membership",
    "Organisation",
    "Person",
    "RecoveryCode",
    "RoleGrant",
    "SignInFailure",
    "SigninSession",
]
