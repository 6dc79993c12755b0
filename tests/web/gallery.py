"""An app with the look of the product and a page that shows every macro; for tests and for looking at it.

By hand: ``.venv/bin/uvicorn --factory tests.web.gallery:create_gallery --port 8210``
"""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from app.kit.i18n import LocaleMiddleware, lazy, load
from app.web import pages
from app.web.failures import error_page
from app.web.security import SecurityHeadersMiddleware
from app.web.templating import Look, NavLink, Site, catalogues, install_look, page, page_or_fragment, template_folders

SITE = Site(
    network_zh="芜湖市质量基础设施“一站式”服务网络",
    network_en="Wuhu one-stop quality infrastructure network",
    nav=(NavLink("/gallery", lazy("Services")), NavLink("/stations", lazy("Stations"))),
)


def create_gallery() -> FastAPI:
    load(catalogues())
    app = FastAPI(docs_url=None, redoc_url=None)
    folders = {**template_folders(), "gallery": Path(__file__).parent / "templates"}
    install_look(app, Look(SITE, folders=folders, reload=True))
    app.include_router(pages.router)
    app.add_api_route("/gallery", gallery, methods=["GET", "POST"])
    app.add_api_route("/error/{status}", failing)
    app.add_middleware(LocaleMiddleware)
    app.add_middleware(SecurityHeadersMiddleware)
    return app


async def gallery(request: Request) -> HTMLResponse:
    return page_or_fragment(request, "gallery/gallery.html", "content", {})


async def failing(request: Request, status: int) -> HTMLResponse:
    return error_page(request, status, incident="0f3c1a")


async def plain(request: Request) -> HTMLResponse:
    return page(request, "gallery/gallery.html")
