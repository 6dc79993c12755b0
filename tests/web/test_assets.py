import hashlib
import json
import re
from pathlib import Path

import httpx
import pytest

from app.web.assets import MEDIA_TYPES, STATIC, static_url, vendor_url

ROOT = Path(__file__).resolve().parents[2]
VENDOR = {"app/web/static/vendor": "dependencies", "tests/vendor": "devDependencies"}
LICENCES = ("LICENSE",)


def manifest(folder: str) -> dict[str, str]:
    hashes: dict[str, str] = json.loads((ROOT / folder / "manifest.json").read_text(encoding="utf-8"))
    return hashes


@pytest.mark.parametrize("folder", VENDOR)
def test_vendored_files_are_those_of_the_manifest(folder: str):
    files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.name != "manifest.json"]
    actual = {
        path.relative_to(ROOT / folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    assert actual == manifest(folder)


@pytest.mark.parametrize(("folder", "group"), VENDOR.items())
def test_vendored_versions_are_those_of_package_json_and_carry_a_licence(folder: str, group: str):
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))[group]
    folders = {path.partition("/")[0] for path in manifest(folder)}
    assert folders == {f"{name}-{version}" for name, version in wanted.items()}
    for name in folders:
        assert any(f"{name}/{licence}" in manifest(folder) for licence in LICENCES)


def test_the_lock_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = next((STATIC / "vendor").glob("bootstrap-icons-*/sprite.svg")).read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    templates = [path.read_text(encoding="utf-8") for path in (ROOT / "app").glob("*/templates/**/*.html")]
    used = {name for text in templates for name in re.findall(r'icon(?:_name)?(?:\(|=)"([a-z0-9-]+)"', text)}
    assert used
    assert used <= there


def test_scripts_and_styles_name_no_other_host():
    for path in [*STATIC.glob("js/*.js"), *STATIC.glob("css/*.css")]:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import", text), path.name


def test_a_slip_in_the_name_of_a_file_is_found_when_the_page_is_made():
    with pytest.raises(FileNotFoundError):
        static_url("css/nothing.css")
    with pytest.raises(KeyError):
        vendor_url("jquery", "jquery.js")


@pytest.mark.parametrize("path", ["css/onestop.css", "js/enhance.js", "img/mark.svg"])
async def test_an_address_with_the_hash_is_kept_for_ever(visitor: httpx.AsyncClient, path: str):
    answer = await visitor.get(static_url(path))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == MEDIA_TYPES[Path(path).suffix]
    assert answer.content == (STATIC / path).read_bytes()


@pytest.mark.parametrize("query", ["", "?v=000000000000", "?v="])
async def test_any_other_address_is_asked_again_each_time(visitor: httpx.AsyncClient, query: str):
    answer = await visitor.get(f"/static/css/onestop.css{query}")
    assert answer.headers["cache-control"] == "no-cache"
    again = await visitor.get("/static/css/onestop.css", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


async def test_text_is_compressed_for_those_who_take_it(visitor: httpx.AsyncClient):
    url = vendor_url("bootstrap", "bootstrap.min.css")
    small = await visitor.get(url)
    plain = await visitor.get(url, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < 40_000
    assert "content-encoding" not in plain.headers
    assert small.content == plain.content
    assert small.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("path", ["", "css", "css/", "nothing.css", "../templating.py", "%2e%2e/templating.py", "%00"])
async def test_nothing_else_is_served(visitor: httpx.AsyncClient, path: str):
    assert (await visitor.get(f"/static/{path}")).status_code == 404
