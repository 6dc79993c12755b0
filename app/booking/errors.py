"""What can come between a visitor and a page of the wizard.

Problem
├── NotFound 404     DraftGone
└── Conflict 409     TooManyServices
Elsewhere            no error: the page that is asked for has its turn later, another one is shown instead
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class DraftGone(NotFound):
    """No such draft, over, or begun in another browser: all answer alike."""

    code = "draft_gone"
    detail = lazy("This booking was begun in another browser, or too long ago. Please start again.")


class TooManyServices(Conflict):
    code = "too_many_services"
    detail = lazy("One booking takes up to {most} services. Please book the others separately.")


class Elsewhere(Exception):  # noqa: N818 - not an error: the way leads elsewhere
    """The visitor is sent to `path` (303). What the endpoint has written is rolled back: don't raise after saving."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
