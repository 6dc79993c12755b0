"""What can go wrong with handing in."""

from app.kit.i18n import lazy
from app.kit.problems import NotFound


class PassUnknown(NotFound):
    """The pass isn't ours, is too old, or its person works there no more: nobody is told which."""

    code = "pass_unknown"
    detail = lazy("Sign in and open the page for the time without a network again.")
