"""An app with the look of the product and a page that shows every macro; for tests and for looking at it.

By hand: ``.venv/bin/uvicorn --factory tests.web.gallery:create_gallery --port 8210``
"""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from app.kit.i18n import LocaleMiddleware, current_locale, lazy, load
from app.web import pages
from app.web.failures import error_page
from app.web.security import SecurityHeadersMiddleware
from app.web.templating import Look, NavLink, Site, catalogues, fragment, install_look, page, template_folders

DATA = Path(__file__).resolve().parents[2] / "app" / "data" / "reference"
SITE = Site(
    network_zh="芜湖市质量基础设施一站式服务",
    network_en="Wuhu one-stop quality-infrastructure services",
    nav=(
        NavLink("/gallery", lazy("Services")),
        NavLink("/stations", lazy("Stations")),
        NavLink("/find", lazy("My booking")),
    ),
)
NOW = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)
WORDS = {
    "zh-CN": (
        "您要办什么？",
        "只有在用于贸易结算、安全防护、医疗卫生、环境监测时，才属于强制检定；最近的站若不能办理，会说明原因。",
    ),
    "en": (
        "What do you need?",
        "Verification is mandatory only for trade settlement, safety, medical care or environmental monitoring; a "
        "nearer station that may not do it is named with the reason.",
    ),
}
STATION = {
    "name_zh": "芜湖三山经济开发区(三山街道)质量基础设施一站式服务站",
    "name_en": "Wuhu Sanshan Economic Development Zone (Sanshan Subdistrict) One-stop Quality Infrastructure Station",
}


def create_gallery() -> FastAPI:
    load(catalogues())
    app = FastAPI(docs_url=None, redoc_url=None)
    folders = {**template_folders(), "gallery": Path(__file__).parent / "templates"}
    install_look(app, Look(SITE, folders=folders, reload=True))
    app.include_router(pages.router)
    app.add_api_route("/gallery", gallery)
    app.add_api_route("/gallery", gallery, methods=["POST"], include_in_schema=False)
    app.add_api_route("/late", late)
    app.add_api_route("/home", home)
    app.add_api_route("/error/{status}", failing)
    app.add_api_route("/suggestions", suggestions)
    app.add_api_route("/counties.geojson", counties)
    app.add_api_route("/stations.geojson", stations)
    app.add_middleware(LocaleMiddleware)
    app.add_middleware(SecurityHeadersMiddleware)
    return app


def _context() -> dict[str, Any]:
    question, lorem = WORDS[current_locale()]
    starts = [NOW + timedelta(minutes=30 * n) for n in range(14)]
    states = ["closed", "open", "open", "full", "open", "open", "closed"]
    days = [
        {"date": date(2026, 11, 30) + timedelta(n), "state": state, "free": 12 - n, "href": f"/gallery?day={n}"}
        for n, state in enumerate(states)
    ]
    return {
        "question": question,
        "lorem": lorem,
        "station": STATION,
        "starts": starts,
        "days": days,
        "now": NOW,
        "expires_at": NOW + timedelta(minutes=9, seconds=3),
        "errors": {"contact.name": lorem, "consent": question},
    }


async def gallery(request: Request) -> HTMLResponse:
    return page(request, "gallery/gallery.html", _context())


async def home(request: Request) -> HTMLResponse:
    return page(request, "gallery/home.html", _context())


async def late(request: Request) -> HTMLResponse:
    return fragment(request, "gallery/gallery.html", "late", _context(), status_code=422)


async def failing(request: Request, status: int) -> HTMLResponse:
    return error_page(request, status, incident="0f3c1a" if status >= 500 else "")


async def suggestions(q: str) -> dict[str, Any]:
    items = json.loads((DATA / "catalogue.json").read_text(encoding="utf-8"))["items"]
    found = [item for item in items if q in item["name_zh"] or q.lower() in item["name_en"].lower()]
    return {"items": [{key: item[key] for key in ("code", "name_zh", "name_en", "category")} for item in found[:8]]}


async def counties() -> JSONResponse:
    return JSONResponse(json.loads((DATA / "counties.geojson").read_text(encoding="utf-8")))


async def stations() -> dict[str, Any]:
    with (DATA / "stations.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {"type": "FeatureCollection", "features": [_feature(row) for row in rows]}


def _feature(row: dict[str, str]) -> dict[str, Any]:
    properties = {key: row[key] for key in ("code", "name_zh", "name_en", "coord_class")}
    point = {"type": "Point", "coordinates": [float(row["lon"]), float(row["lat"])]}
    return {"type": "Feature", "geometry": point, "properties": properties}
