"""What a room gives, so that the figures of a page of its can be sent."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.accounts.rules.rights import Scope
from app.kit.i18n import LazyString
from app.notify.letters import Letter
from app.reports.rules import Days

Asked = Mapping[str, str]
"""What stands in the address of a page, by name."""


class View(Protocol):
    """A page with figures: `kind` names it in what is kept, `fields` are those of its address that are kept with it.

    `scope` is the part of the network that the reader reaches at that moment.
    """

    @property
    def kind(self) -> str: ...
    @property
    def title(self) -> LazyString: ...
    @property
    def path(self) -> str: ...
    @property
    def fields(self) -> Sequence[str]: ...

    async def subject(self, asked: Asked, scope: Scope, /) -> str:
        """What is asked, in a few words. Raises Invalid where it makes no sense here."""
        ...

    async def letter(self, asked: Asked, scope: Scope, days: Days, /) -> Letter:
        """The figures, in the language of the moment; `days` are those before. Raises Invalid, as above."""
        ...
