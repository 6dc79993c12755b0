"""Two languages: which one this request speaks, and the sentences in it.

Sentences are written in English in the code and translated in each room's own
``app/<room>/translations/zh_Hans_CN.po``; `load` reads those files straight into memory, once, at start.
The language of the moment is a context variable that `LocaleMiddleware` sets for each request, so that

    from app.kit.i18n import gettext as _, lazy, ngettext, pgettext

    _("Book this time")                                    # translated now
    ngettext("{n} day", "{n} days", n).format(n=n)
    detail = lazy("Desk {desk} is closed.")                # translated whenever it is shown

works in any function without handing the language around. A job that writes to one person wraps itself in
``with use_locale("en"):``. In Python, places are ``{named}`` and filled by ``.format``; in templates they are
``%(named)s`` (and a lone percent sign is written ``%%``), as Jinja's newstyle gettext has it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_LOCALE = "zh-CN"
LOCALES: Mapping[str, str] = {"zh-CN": "zh_Hans_CN", "en": "en"}
"""Language tag, as in HTML and HTTP, to the name that Babel and the .po files use."""
LANGUAGE_NAMES: Mapping[str, str] = {"zh-CN": "中文", "en": "English"}
COOKIE = "lang"
SEE_OTHER = 303
COOKIE_SECONDS = 365 * 24 * 3600

_locale: ContextVar[str] = ContextVar("locale", default=DEFAULT_LOCALE)
_translations: dict[str, NullTranslations] = {tag: NullTranslations() for tag in LOCALES}


def current_locale() -> str:
    """The language tag of the moment: ``zh-CN`` or ``en``."""
    return _locale.get()


@contextmanager
def use_locale(tag: str) -> Iterator[None]:
    """Speak `tag` inside the block. Raises KeyError for a language that we don't have."""
    if tag not in LOCALES:
        raise KeyError(tag)
    token = _locale.set(tag)
    try:
        yield
    finally:
        _locale.reset(token)


# --- Sentences ---------------------------------------------------------------------------------------------------


def gettext(message: str) -> str:
    return _translations[_locale.get()].gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    return _translations[_locale.get()].ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """`message` as meant in `context`, for a word that needs two translations."""
    return _translations[_locale.get()].pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, n: int) -> str:
    return _translations[_locale.get()].npgettext(context, singular, plural, n)


class LazyString:
    """A sentence that is translated at the moment it is shown, for constants of modules and classes."""

    __slots__ = ("msgid",)

    def __init__(self, msgid: str) -> None:
        self.msgid = msgid

    def __str__(self) -> str:
        return gettext(self.msgid)

    def __repr__(self) -> str:
        return f"lazy({self.msgid!r})"

    def __eq__(self, other: object) -> bool:
        return self.msgid == other.msgid if isinstance(other, LazyString) else NotImplemented

    def __hash__(self) -> int:
        return hash((LazyString, self.msgid))

    def format(self, **data: object) -> str:
        """The sentence in the current language with its {named} places filled."""
        return str(self).format(**data)


def lazy(message: str) -> LazyString:
    return LazyString(message)


def tr(thing: object, field: str) -> str:
    """The words of bilingual data in the current language.

    ``tr(station, "name")`` is ``station.name_zh`` or ``station.name_en``; where one language is empty the other
    one stands in, since a name in the other language still helps. `thing` is an object or a mapping.
    """
    own, other = ("zh", "en") if _locale.get() == "zh-CN" else ("en", "zh")
    return _part(thing, f"{field}_{own}") or _part(thing, f"{field}_{other}")


def _part(thing: object, name: str) -> str:
    value = thing[name] if isinstance(thing, Mapping) else getattr(thing, name)
    return "" if value is None else str(value)


# --- Catalogues --------------------------------------------------------------------------------------------------


def load(paths: Iterable[Path]) -> None:
    """Read the .po files and make them the sentences of this process, replacing any read before.

    A file's stem names its language (``zh_Hans_CN.po``); files of one language are put together. Entries that
    are marked fuzzy are left out. Raises ValueError for a file of an unknown language, and
    `babel.messages.pofile.PoFileError` for one that can't be read. Files that have not changed are not read again.
    """
    _translations.update(_read(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)))


@lru_cache(maxsize=4)
def _read(stamped: tuple[tuple[Path, int, int], ...]) -> Mapping[str, NullTranslations]:
    """The sentences by language; what stands beside each path tells whether the file is still the same."""
    tags = {babel_name: tag for tag, babel_name in LOCALES.items()}
    catalogs = {tag: Catalog(locale=babel_name) for tag, babel_name in LOCALES.items()}
    for path, _changed, _size in stamped:
        if path.stem not in tags:
            raise ValueError(f"{path}: expected one of {', '.join(tags)} as the name of a catalogue")
        _add_file(catalogs[tags[path.stem]], path)
    return {tag: _compile(catalog) for tag, catalog in catalogs.items()}


def _add_file(catalog: Catalog, path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale=path.stem, abort_invalid=True):
            if message.id and not message.fuzzy:
                catalog.add(message.id, message.string, context=message.context)


def _compile(catalog: Catalog) -> NullTranslations:
    buffer = BytesIO()
    write_mo(buffer, catalog)
    buffer.seek(0)
    return GNUTranslations(buffer)


# --- Which language ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def negotiate(cookie: str | None, accept_language: str | None) -> str:
    """The language to speak: the person's remembered choice, else the browser's best (RFC 9110, 12.5.4)."""
    if cookie is not None and cookie in LOCALES:
        return cookie
    wishes = [_wish(part) for part in (accept_language or "")[:200].split(",")]
    for quality, language in sorted(wishes, key=lambda wish: -wish[0]):
        if quality <= 0:
            continue
        if language == "en":
            return "en"
        if language in {"zh", "*"}:
            return DEFAULT_LOCALE
    return DEFAULT_LOCALE


def _wish(part: str) -> tuple[float, str]:
    tag, _, parameter = part.strip().lower().partition(";")
    language = tag.strip().partition("-")[0]
    quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", parameter)
    if quality:
        return float(quality[1]), language
    return (0.0 if parameter else 1.0), language


_ASKED = re.compile(rb"(?:^|&)lang=(zh-CN|en)(?=&|$)")
_COOKIE = re.compile(rb"(?:^|[;\s])(?:__Host-)?lang=(zh-CN|en)(?=;|\s|$)")
# Only these differ by language. Our JSON carries both languages, and pictures and styles speak none.
_SPOKEN = (b"text/html", b"application/problem+json", b"text/calendar", b"text/csv")


class LocaleMiddleware:
    """Set the language of each request, and say in the answer which one it is.

    The first of these that names a language we have: ``?lang=`` (taken out of the query, so that no page and no
    call has to know about it; on a page, and on the way to one, it is remembered in the cookie), the cookie,
    Accept-Language.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        asked = _take_from_query(scope)
        locale = asked or _locale_of_headers(scope["headers"])

        async def send_labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                _label(message, scope, locale, asked)
            await send(message)

        token = _locale.set(locale)
        try:
            await self.app(scope, receive, send_labelled)
        finally:
            _locale.reset(token)


def _take_from_query(scope: Scope) -> str | None:
    query = scope["query_string"]
    if b"lang=" not in query or not (found := _ASKED.search(query)):
        return None
    scope["query_string"] = _ASKED.sub(b"", query).lstrip(b"&")
    return str(found[1], "ascii")


def _locale_of_headers(headers: Iterable[tuple[bytes, bytes]]) -> str:
    accept = None
    for name, value in headers:
        if name == b"cookie" and (found := _COOKIE.search(value)):
            return str(found[1], "ascii")
        if name == b"accept-language":
            accept = value
    return negotiate(None, None if accept is None else accept.decode("latin-1"))


def _label(start: Message, scope: Scope, locale: str, asked: str | None) -> None:
    headers: list[tuple[bytes, bytes]] = start["headers"]
    kind = next((value for name, value in headers if name == b"content-type"), b"")
    leads_on = start["status"] == SEE_OTHER  # to a page that is to speak it too
    if not kind.startswith(_SPOKEN) and not leads_on:
        return
    if not leads_on and not any(name == b"content-language" for name, _ in headers):
        headers.append((b"content-language", locale.encode()))
    headers.append((b"vary", b"Accept-Language, Cookie"))
    if asked and scope["method"] in ("GET", "HEAD") and (leads_on or kind.startswith(b"text/html")):
        # The prefix and why: app/web/cookies.py. A language that somebody planted does no harm, so both are read.
        prefix, secure = ("__Host-", "; Secure") if scope.get("scheme") == "https" else ("", "")
        cookie = f"{prefix}{COOKIE}={asked}; Path=/; Max-Age={COOKIE_SECONDS}; SameSite=Lax; HttpOnly{secure}"
        headers.append((b"set-cookie", cookie.encode()))
