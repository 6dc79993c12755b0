"""Make the Python client of the API from the application's own OpenAPI document: `python scripts/client.py FOLDER`.

FOLDER gets the package `onestop_client` with what a wheel needs, and with --wheel also that. No server is asked and no
database. What the generator would leave out with a warning is an error: the document is mended then.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from app.config import load_settings
from app.main import create_app

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "clients" / "python"
BIN = Path(sys.prefix) / "client" / "bin"


def document() -> dict[str, Any]:
    """As the portal serves it at /openapi.json."""
    with tempfile.TemporaryDirectory() as home:
        own = {"DATABASE_URL": "postgresql://nowhere/nothing", "ONESTOP_HOME": home}
        os.environ.update(own)
        return create_app(load_settings()).openapi()


def generate(described: dict[str, Any], folder: Path) -> None:
    """Writes the package into an empty or new folder. Raises SystemExit with what the generator complains about."""
    config = json.loads((SOURCE / "config.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    config["package_version_override"] = project["version"]
    with tempfile.TemporaryDirectory() as work:
        asked, settings = Path(work, "openapi.json"), Path(work, "config.json")
        asked.write_text(json.dumps(described))
        settings.write_text(json.dumps(config))
        command = [BIN / "openapi-python-client", "generate", "--meta", "uv", "--overwrite", "--fail-on-warning"]
        command += ["--path", asked, "--config", settings, "--output-path", folder]
        command += ["--custom-template-path", SOURCE / "templates"]
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(command, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False)
    if done.returncode or "WARNING" in done.stdout + done.stderr:
        raise SystemExit(f"{done.stdout}{done.stderr}")
    for module in (SOURCE / "onestop_client").glob("*.py"):
        shutil.copy(module, folder / "onestop_client")


def build(folder: Path, target: Path) -> None:
    """The wheel, with what is in `.venv/client` and nothing from elsewhere."""
    command = [Path(sys.executable).with_name("uv"), "build", "--quiet", "--wheel", "--no-build-isolation", "--offline"]
    subprocess.run([*command, "--python", BIN / "python", "--out-dir", target, folder], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--wheel", type=Path, metavar="FOLDER", help="build a wheel into this folder")
    asked = parser.parse_args()
    generate(document(), asked.folder)
    if asked.wheel:
        build(asked.folder, asked.wheel)
        print(*sorted(asked.wheel.glob("onestop_client-*.whl")))


if __name__ == "__main__":
    main()
