"""Sentences in templates: Jinja's newstyle gettext, told apart by nothing but the time that it takes.

A page calls these a few hundred times. Jinja looks the function up in the context, calls it through the context, makes
a Markup of what comes back, and fills places that most sentences don't have; here a sentence without any is kept, made.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from markupsafe import Markup

from app.kit import i18n

MOST_KEPT = 10_000


@lru_cache(MOST_KEPT)
def _plain(_locale: str, message: str, context: str | None) -> Markup:
    """The sentence without values. As Jinja does, it is read as a format also then: "100%%" stands for "100%"."""
    return _sentence(message, context) % {}


def _sentence(message: str, context: str | None) -> Markup:
    return Markup(i18n.gettext(message) if context is None else i18n.pgettext(context, message))  # noqa: S704 - ours


def gettext(message: str, /, **variables: object) -> Markup:
    """The sentence in the language of the moment; `variables` fill its %(named)s places, escaped."""
    if variables:
        return _sentence(message, None) % variables
    return _plain(i18n.current_locale(), message, None)


def pgettext(context: str, message: str, /, **variables: object) -> Markup:
    """The same for a word that means another thing elsewhere."""
    if variables:
        return _sentence(message, context) % variables
    return _plain(i18n.current_locale(), message, context)


FUNCTIONS: Mapping[str, Callable[..., Markup]] = {"_": gettext, "gettext": gettext, "pgettext": pgettext}
