"""Copy the front-end files that we use out of node_modules, with their licences and a manifest of hashes.

Run after `npm ci` when a version in package.json changes; the copies are committed, so that installing and running
OneStop needs no Node. Bytes are copied as published; the icon sprite is put together from the published files, and
the fonts of documents are cut by `fonts.py`.
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import fonts

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"

ICONS = (
    "arrow-left",
    "arrow-repeat",
    "arrow-right",
    "box-arrow-right",
    "box-arrow-up-right",
    "briefcase",
    "building",
    "buildings",
    "calendar-plus",
    "calendar3",
    "check-circle-fill",
    "check-lg",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "clipboard-check",
    "clock",
    "copy",
    "crosshair",
    "door-closed",
    "download",
    "envelope",
    "exclamation-triangle-fill",
    "eye",
    "eye-slash",
    "file-earmark-arrow-down",
    "file-earmark-text",
    "filter",
    "fonts",
    "geo-alt",
    "geo-alt-fill",
    "globe2",
    "hourglass-split",
    "house",
    "inbox",
    "info-circle-fill",
    "journal-text",
    "key",
    "laptop",
    "list-check",
    "map",
    "pencil",
    "people",
    "person",
    "person-badge",
    "person-check",
    "person-circle",
    "person-plus",
    "phone",
    "pin-map",
    "plus-lg",
    "printer",
    "qr-code",
    "question-circle",
    "search",
    "shield-check",
    "shield-lock",
    "signpost-split",
    "sliders",
    "star-fill",
    "telephone",
    "ticket-perforated",
    "translate",
    "trash",
    "truck",
    "upload",
    "x-circle-fill",
    "x-lg",
)


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files to copy, and where its licence is."""

    name: str
    files: tuple[str, ...]
    licence: str = "LICENSE"

    @property
    def source(self) -> Path:
        return MODULES / self.name

    @property
    def version(self) -> str:
        version: str = json.loads((self.source / "package.json").read_text(encoding="utf-8"))["version"]
        return version

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


PRODUCT = (
    Package("bootstrap", ("dist/css/bootstrap.min.css",)),
    Package("bootstrap-icons", ()),
    Package("htmx.org", ("dist/htmx.min.js", "dist/ext/hx-sse.min.js")),
    Package("leaflet", ("dist/leaflet.js", "dist/leaflet.css")),
    # Reads QR codes where the browser can't; modules, of which one imports the other by its plain name.
    Package("qr", ("decode.js", "index.js")),
    Package("swagger-ui-dist", ("swagger-ui-bundle.js", "swagger-ui.css", "NOTICE")),
)
TESTS = (Package("axe-core", ("axe.min.js",)),)
FONTS = Package("@expo-google-fonts/noto-sans-sc", (), "LICENSE_FONT")


def sprite(icons: Path) -> str:
    """One SVG with a <symbol> for each icon that the templates use."""
    symbols = []
    for name in ICONS:
        svg = (icons / f"{name}.svg").read_text(encoding="utf-8")
        body = re.sub(r">\s+<", "><", re.sub(r"^<svg[^>]*>|</svg>\s*$", "", svg.strip()).strip())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def copy(package: Package, target: Path) -> None:
    folder = target / package.folder
    folder.mkdir(parents=True)
    for name in (*package.files, package.licence):
        shutil.copyfile(package.source / name, folder / Path(name).name)
    if package.name == "bootstrap-icons":
        (folder / "sprite.svg").write_text(sprite(package.source / "icons"), encoding="utf-8")


def vendor(packages: tuple[Package, ...], target: Path) -> None:
    """Make `target` hold exactly these packages, and write their hashes beside them."""
    shutil.rmtree(target, ignore_errors=True)
    for package in packages:
        copy(package, target)
    write_manifest(target)


def vendor_fonts(package: Package, target: Path) -> None:
    """The fonts of documents, cut to what is printed; `version` is that of the package."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    fonts.regular(package.source / "400Regular" / "NotoSansSC_400Regular.ttf", target / "NotoSansSC-Regular.ttf")
    fonts.bold(package.source / "600SemiBold" / "NotoSansSC_600SemiBold.ttf", target / "NotoSansSC-SemiBold.ttf")
    shutil.copyfile(package.source / package.licence, target / "LICENSE")
    (target / "version").write_text(f"{package.name} {package.version}\n", encoding="utf-8")
    write_manifest(target)


def write_manifest(target: Path) -> None:
    files = sorted(path for path in target.rglob("*") if path.is_file())
    hashes = {path.relative_to(target).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (target / "manifest.json").write_text(json.dumps(hashes, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    vendor(PRODUCT, ROOT / "app" / "web" / "static" / "vendor")
    vendor(TESTS, ROOT / "tests" / "vendor")
    vendor_fonts(FONTS, ROOT / "app" / "kit" / "fonts")
