"""What can go wrong with people, their rights and how they get in.

Problem
├── SignInNeeded         401  nobody is signed in, or no longer; a page leads to the sign-in
├── SignInRefused        401  name and password, or the code, don't fit; the same words for every cause
├── SecondFactorMissing  403  the role needs a second factor that isn't set up or wasn't given
├── CodeWrong            422  the code of a second factor that somebody typed in the account
├── SecondFactorNeeded   401  the password is right; its owner has a second factor and gave no code
├── SignInLocked         429  too many failures; `retry_after` in seconds
├── LinkSpent            410  a mailed link was used, withdrawn or is too old
└── Conflict             409  LastOwner, LastAdministrator, OwnRights, OrganisationTaken, AlreadyMember, NameTaken,
                              SecondFactorRequired, RoleHeld, TooManyKeys
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, Forbidden, Invalid, Problem, TooMany


class SignInNeeded(Problem):
    code, status = "sign_in_needed", 401
    detail = lazy("Please sign in first.")

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class SignInRefused(Problem):
    code, status = "sign_in_refused", 401
    detail = lazy("The name, the password or the code is not right.")

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class SecondFactorMissing(Forbidden):
    code = "second_factor_missing"
    detail = lazy("Your role needs a second factor. Please set it up, or give its code.")


class SecondFactorNeeded(Problem):
    code, status = "second_factor_needed", 401
    detail = lazy("Please give the code of your second factor too.")

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": "Bearer"})


class SignInLocked(TooMany):
    code = "sign_in_locked"
    detail = lazy("There were too many failed attempts. Please wait before you try again.")


class LinkSpent(Problem):
    code, status = "link_spent", 410
    detail = lazy("This link was used already or is too old. Please ask for a new one.")


class LastOwner(Conflict):
    code = "last_owner"
    detail = lazy("An organisation needs an owner. Please make somebody else an owner first.")


class LastAdministrator(Conflict):
    code = "last_administrator"
    detail = lazy("The network needs an administrator. Please appoint somebody else first.")


class OwnRights(Conflict):
    code = "own_rights"
    detail = lazy("Nobody can change their own rights. Please ask another administrator.")


class OrganisationTaken(Conflict):
    code = "organisation_taken"
    detail = lazy("This organisation has an account already. Please ask one of its owners to invite you.")


class AlreadyMember(Conflict):
    code = "already_member"
    detail = lazy("This person acts for the organisation already.")


class NameTaken(Conflict):
    code = "name_taken"
    detail = lazy("This user name or mail address has an account already.")


class CodeWrong(Invalid):
    code = "code_wrong"
    detail = lazy("This code is not right, or was used already. Wait for the next one and type that.")


class SecondFactorRequired(Conflict):
    code = "second_factor_required"
    detail = lazy("Your role needs a second factor, so it can be moved to another device, but not be removed.")


class RoleHeld(Conflict):
    code = "role_held"
    detail = lazy("This person has this role there already.")


class RoleMisplaced(Invalid):
    code = "role_misplaced"
    detail = lazy("This role needs another place: a station, a county, or the whole network.")


class OtherAddress(Forbidden):
    code = "other_address"
    detail = lazy("The invitation was sent to another mail address than that of your account.")


class CaseOpen(Conflict):
    code = "case_open"
    detail = lazy("The staff are looking at this code already. You see their answer on the page of your organisations.")


class LastOwnerLeaves(LastOwner):
    code = "last_owner_leaves"
    detail = lazy("You are the only owner of {organisation}. Please make somebody else an owner first, or close it.")


class TooManyKeys(Conflict):
    code = "too_many_keys"
    detail = lazy("There are {most} keys in use already. Please revoke one that is not needed any more.")
