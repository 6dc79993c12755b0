"""How a door shows a page.

``main`` builds the look once and hangs it on the app: ``install_look(app, Look(Site(...)))``. A door then says

    return page(request, "stations/list.html", {"stations": stations})
    return page(request, "requests/details.html", {"form": form}, status_code=422)
    return fragment(request, "stations/list.html", "results", {"stations": stations})      # one block, for htmx
    return page_or_fragment(request, "stations/list.html", "results", {...})               # whichever was asked for

A template ``app/<room>/templates/list.html`` is named ``<room>/list.html`` and begins
``{% extends "web/base.html" %}``.
Everywhere in templates: `_`, `ngettext`, `pgettext`, `tr(thing, "name")`, the filters of `app.kit.formats`,
`keep(key)` (see there), `static_url`, `vendor_url`, `path_for(route_name, **params)`, `icon(name)`, and by request
`site`, `locale`, `text_size`, `lang_url(tag)`, `here` (path and query), `caller` (see `Visitor`), `demo`, `request`.
An undefined name is an error, never an empty place.
Macros are listed in the head of `web/templates/macros/*.html`.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2_fragments import render_block
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.kit import formats
from app.kit.i18n import (
    LANGUAGE_NAMES,
    LOCALES,
    LazyString,
    current_locale,
    gettext,
    ngettext,
    npgettext,
    pgettext,
    tr,
)
from app.web import sentences
from app.web.assets import PREFIX, StaticAssets, static_url, vendor_url
from app.web.cookies import read_cookie
from app.web.fields import attributes, described_by, field_attributes, field_id
from app.web.keeping import keep

APP = Path(__file__).resolve().parent.parent
TEXT_COOKIE = "text"
FILTERS = (
    formats.clock_time,
    formats.date_time,
    formats.day_month,
    formats.day_month_year,
    formats.distance,
    formats.duration,
    formats.iso,
    formats.long_date,
    formats.number,
    formats.percent,
    formats.time_range,
    formats.weekday,
    formats.weekday_date,
)
FUNCTIONS = (keep, tr, static_url, vendor_url, field_id, field_attributes, attributes, described_by)


@dataclass(frozen=True)
class NavLink:
    """An entry of the header: where it leads and its words, ``NavLink("/services", lazy("Services"))``."""

    path: str
    label: LazyString


class Visitor(Protocol):
    """What a page knows of whoever looks at it; `accounts` leaves it in `request.state.caller`."""

    @property
    def signed_in(self) -> bool: ...
    @property
    def staff(self) -> bool: ...
    @property
    def name(self) -> str: ...
    @property
    def memberships(self) -> tuple[object, ...]: ...


def visitor(request: Request) -> Visitor | None:
    """Whoever is signed in, else nobody (also on a page that failed before one could look)."""
    found: Visitor | None = getattr(request.state, "caller", None)
    return found if found and found.signed_in else None


@dataclass(frozen=True)
class Site:
    """What every page says about this installation.

    `reference` shows the standing notice that the network is a reference; `nav` are the links of the header;
    `tile_url` is an optional map background (``https://tiles.example/{z}/{x}/{y}.png``) with its credit.
    """

    network_zh: str
    network_en: str
    reference: bool = True
    nav: tuple[NavLink, ...] = ()
    tile_url: str | None = None
    tile_credit: str = ""


class Look:
    """The templates of all rooms (or of the folders given by name) and what every page is given."""

    def __init__(self, site: Site, *, folders: Mapping[str, Path] | None = None, reload: bool = False) -> None:
        self.env = _environment(folders or template_folders(), reload=reload)
        self.env.globals["site"] = site

    def render(self, request: Request, name: str, context: Mapping[str, Any]) -> str:
        return self.env.get_template(name).render(_page_context(request) | dict(context))

    def render_block(self, request: Request, name: str, block: str, context: Mapping[str, Any]) -> str:
        return render_block(self.env, name, block, _page_context(request) | dict(context))


def template_folders(rooms: Path = APP) -> dict[str, Path]:
    """Each room that has templates, to its folder."""
    return {folder.parent.name: folder for folder in sorted(rooms.glob("*/templates"))}


class Templates(Environment):
    """All templates share the same globals.

    Jinja2 wraps them in a ChainMap for each template, and goes through it key by key whenever a page imports macros.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def _environment(folders: Mapping[str, Path], *, reload: bool) -> Environment:
    env = Templates(
        loader=PrefixLoader({room: FileSystemLoader(folder) for room, folder in folders.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=reload,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    install: Any = env.install_gettext_callables  # type: ignore[attr-defined]  # added by the extension
    install(gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext)
    env.globals.update(sentences.FUNCTIONS)
    env.globals.update({function.__name__: function for function in FUNCTIONS})
    env.globals["icon"] = icon
    env.filters.update({function.__name__: function for function in FILTERS})
    return env


def icon(name: str) -> Markup:
    """A decorative icon of the vendored sprite; the words beside it carry the meaning."""
    return _icon(f"{vendor_url('bootstrap-icons', 'sprite.svg')}#{name}")


@lru_cache(512)
def _icon(address: str) -> Markup:
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>').format(address)


def _page_context(request: Request) -> dict[str, Any]:
    def lang_url(tag: str) -> str:
        return _with_query(request, lang=tag)

    def path_for(route: str, /, **params: Any) -> str:
        return request.url_for(route, **params).path

    return {
        "request": request,
        "caller": visitor(request),
        "demo": getattr(request.app.state, "demo", False),
        "locale": current_locale(),
        "languages": [(tag, LANGUAGE_NAMES[tag]) for tag in LOCALES],
        "text_size": "large" if read_cookie(request, TEXT_COOKIE) == "large" else "normal",
        "here": _with_query(request),
        "lang_url": lang_url,
        "path_for": path_for,
    }


def _with_query(request: Request, **more: str) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in more]
    query = urlencode([*kept, *more.items()])
    return f"{request.url.path}?{query}" if query else request.url.path


# --- For doors ---------------------------------------------------------------------------------------------------


def _look(request: Request) -> Look:
    look: Look = request.app.state.look
    return look


def page(
    request: Request,
    name: str,
    context: Mapping[str, Any] | None = None,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The whole page. It is personal (language, text size, what was typed), so shared caches don't keep it."""
    return _answer(request, _look(request).render(request, name, context or {}), status_code, headers)


def fragment(
    request: Request,
    name: str,
    block: str,
    context: Mapping[str, Any] | None = None,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """One ``{% block %}`` of a page, for htmx. Raises jinja2_fragments.BlockNotFoundError for a slip in the name."""
    html = _look(request).render_block(request, name, block, context or {})
    return _answer(request, html, status_code, {"Vary": "HX-Request", **(headers or {})})


def part(request: Request, name: str, context: Mapping[str, Any]) -> Markup:
    """A template that is no page of its own, for several pages to stand in."""
    return Markup(_look(request).render(request, name, context))  # noqa: S704 - rendered with autoescape


def page_or_fragment(
    request: Request,
    name: str,
    block: str,
    context: Mapping[str, Any] | None = None,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The block when htmx asks to replace a part, else the page; caches are told that the two differ."""
    if wants_fragment(request):
        return fragment(request, name, block, context, status_code=status_code, headers=headers)
    marked = {"Vary": "HX-Request", **(headers or {})}
    return page(request, name, context, status_code=status_code, headers=marked)


def wants_fragment(request: Request) -> bool:
    """Whether htmx replaces a part of the page (not the body, and not when it restores history)."""
    headers = request.headers
    return headers.get("hx-request-type") == "partial" and "hx-history-restore-request" not in headers


def _answer(request: Request, html: str, status_code: int, headers: Mapping[str, str] | None) -> HTMLResponse:
    """What somebody sees who has signed in is kept nowhere: the next one at the same computer presses "back"."""
    kept = "no-store" if visitor(request) else "private, no-cache"
    return HTMLResponse(html, status_code, {"Cache-Control": kept, **(headers or {})})


# --- For main ----------------------------------------------------------------------------------------------------


def install_look(app: FastAPI, look: Look) -> None:
    """Give the app its look and its static files."""
    app.state.look = look
    app.mount(PREFIX, StaticAssets(), name="static")


def catalogues(rooms: Path = APP) -> Iterable[Path]:
    """The .po files of all rooms, for `app.kit.i18n.load`."""
    return sorted(rooms.glob("*/translations/*.po"))
