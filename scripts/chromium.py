"""Find a Chromium for the browser tests; with --ensure, install one when there is none.

Prints its path. As root on Debian it takes the distribution's package (and a Chinese font for the screenshots), else
Playwright's own build. When neither can be had it says so, and the browser tests fail with the same words.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find() -> str | None:
    given = os.environ.get("ONESTOP_CHROMIUM")
    if given:
        return given
    return next(filter(None, map(shutil.which, NAMES)), None) or _playwrights_own()


def _playwrights_own() -> str | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = sorted(cache.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment)
        packages = ["chromium", "fonts-noto-cjk"]
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], check=False, env=environment
        )
    if not find():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    if "--ensure" in sys.argv and not find():
        print("No Chromium found; installing one for the browser tests.", file=sys.stderr)
        install()
    path = find()
    if path is None:
        print(
            "No Chromium could be found or installed, so the browser tests will fail. Install one (Debian: apt install "
            "chromium), or name one in ONESTOP_CHROMIUM.",
            file=sys.stderr,
        )
        return 0
    print(f"Browser tests use {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
