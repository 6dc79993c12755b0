"""The markup that somebody puts into a page of their own. Whatever is in it was typed by anybody, so it is escaped."""

from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import escape

from app.kit.i18n import gettext as _
from app.kit.i18n import use_locale

SCRIPT = "/embed/v1.js"


@dataclass(frozen=True, slots=True)
class Button:
    """A button for a service of that name, at a station where one is named. `address` is the portal's."""

    address: str
    service: str
    name: str
    station: str = ""
    lang: str = "zh-CN"
    theme: str = "light"
    label: str = ""

    @property
    def caption(self) -> str:
        """In the button's own language, whoever makes it."""
        if self.label:
            return self.label
        with use_locale(self.lang):
            return _("Book: {service}").format(service=self.name)

    @property
    def href(self) -> str:
        """Where it leads: the booking, begun with what is known."""
        asked = {"service": self.service, "station": self.station, "lang": self.lang}
        return f"{self.address}/book?{urlencode({key: value for key, value in asked.items() if value})}"

    @property
    def link(self) -> str:
        """A plain link, which needs no script."""
        return (
            f'<a href="{escape(self.href)}" lang="{escape(self.lang)}" target="_blank" rel="noopener noreferrer">'
            f"{escape(self.caption)}</a>"
        )

    @property
    def markup(self) -> str:
        """The element with the plain link inside, and the script that makes a button of it."""
        own = {"service": self.service, "station": self.station, "lang": self.lang}
        theme = {"theme": self.theme} if self.theme != "light" else {}
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in (own | theme).items() if value)
        script = f'<script src="{escape(self.address + SCRIPT)}" async referrerpolicy="no-referrer"></script>'
        return f"<onestop-book{attributes}>\n  {self.link}\n</onestop-book>\n{script}"
