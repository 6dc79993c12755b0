"""The packages of this installation: read from the file beside this module, offered as far as the catalogue goes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.bundles.errors import PackageUnknown
from app.bundles.rules import Package, Step, read_packages
from app.catalogue.snapshot import Catalogue

FILE = Path(__file__).parent / "packages.json"


@dataclass(frozen=True, slots=True)
class Packages:
    """What the file says. `source` is where the packages come from, in words."""

    version: str
    source_zh: str
    source_en: str
    by_code: Mapping[str, Package]

    def named(self, code: str) -> Package | None:
        return self.by_code.get(code)

    def step(self, code: str, key: str) -> Step | None:
        """The step as the file has it today; None of one that a bundle of before still has."""
        package = self.by_code.get(code)
        return package.step(key) if package else None


@cache
def packages() -> Packages:
    """Raises PackagesError, naming everything that is wrong with the file: the product doesn't start with it."""
    document = json.loads(FILE.read_text(encoding="utf-8"))
    found = read_packages(document)
    return Packages(
        document["version"], document["source_zh"], document["source_en"], {each.code: each for each in found}
    )


def unknown_services(catalogue: Catalogue) -> dict[str, list[str]]:
    """By package: services of its steps that the catalogue doesn't offer."""
    offered = {service.code for service in catalogue.offered}
    missing = {
        package.code: [step.service for step in package.steps if step.service not in offered]
        for package in packages().by_code.values()
    }
    return {code: services for code, services in missing.items() if services}


def offered(catalogue: Catalogue) -> tuple[Package, ...]:
    """Those all of whose services the catalogue offers: another operator's catalogue may know none of them."""

    def whole() -> tuple[Package, ...]:
        missing = unknown_services(catalogue)
        return tuple(each for each in packages().by_code.values() if each.code not in missing)

    return catalogue.remember("packages", whole)


def package_of(catalogue: Catalogue, code: str) -> Package:
    """Raises PackageUnknown, also for one that isn't offered."""
    for each in offered(catalogue):
        if each.code == code:
            return each
    raise PackageUnknown
