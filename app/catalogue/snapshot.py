"""The catalogue as it is read on every request: immutable, in memory, made anew when its rows change."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Request
from psycopg.rows import dict_row

from app.catalogue.rules import FormField, form_fields
from app.catalogue.search import Entry, SearchIndex
from app.catalogue.search.fold import fold
from app.catalogue.version import NetworkVersion
from app.kit.clock import local_date, now
from app.kit.db import Database

PUBLIC_CONFIDENCE = frozenset({"verified", "high"})
RECENT_SECONDS = 1.0
MOST_REMEMBERED = 4096
T = TypeVar("T")
Rows = list[dict[str, Any]]

CATEGORIES = "SELECT code, name_zh, name_en FROM category ORDER BY position, code"
SUBCATEGORIES = "SELECT category_code, code, name_zh, name_en FROM subcategory ORDER BY position, code"
SERVICES = """
    SELECT s.id, s.code, s.category_code AS category, s.subcategory_code AS subcategory, s.name_zh, s.name_en,
        s.keywords_zh, s.modes,
        s.duration_min, s.deliverable_zh, s.deliverable_en, s.inputs, s.validity_months, s.mandatory,
        s.designation_required, s.reference, s.confidence, s.notes, s.active
    FROM service s JOIN category c ON c.code = s.category_code ORDER BY c.position, c.code, s.position, s.code
"""


@dataclass(frozen=True, slots=True)
class SubcategoryInfo:
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CategoryInfo:
    """A family of services, with its branches where it has any."""

    code: str
    name_zh: str
    name_en: str
    subcategories: tuple[SubcategoryInfo, ...]


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """All that is known of a service. `inputs` is its form as stored, `fields` the same as rules read it.

    `reference` is None unless its confidence lets it be shown to the public. `validity_months` is None where the
    customer sets the interval.
    """

    id: int
    code: str
    category: str
    subcategory: str | None
    name_zh: str
    name_en: str
    keywords_zh: tuple[str, ...]
    modes: tuple[str, ...]
    duration_min: int
    deliverable_zh: str
    deliverable_en: str
    inputs: list[dict[str, Any]]
    fields: tuple[FormField, ...]
    validity_months: int | None
    mandatory: bool
    designation_required: bool
    reference: str | None
    notes: Mapping[str, str]
    active: bool


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Categories and services in the operator's order. What is asked of the public is in `offered` and the index."""

    categories: tuple[CategoryInfo, ...]
    services: tuple[ServiceInfo, ...]
    index: SearchIndex
    _answers: dict[Hashable, Any] = field(default_factory=dict)

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gave for the key before, else what it gives now: people type the same words.

        It can't become stale, as a catalogue never changes; it must depend on nothing but the catalogue and the key.
        """
        if key not in self._answers:
            if len(self._answers) >= MOST_REMEMBERED:
                self._answers.clear()
            self._answers[key] = make()
        answer: T = self._answers[key]
        return answer

    @cached_property
    def offered(self) -> tuple[ServiceInfo, ...]:
        return tuple(service for service in self.services if service.active)

    @cached_property
    def digest(self) -> str:
        """The same for all processes that know the same services."""
        return hashlib.blake2b(repr((self.categories, self.services)).encode(), digest_size=12).hexdigest()

    @cached_property
    def by_code(self) -> dict[str, ServiceInfo]:
        """Every service, also those no longer offered: old requests name them."""
        return {service.code: service for service in self.services}

    @cached_property
    def by_id(self) -> dict[int, ServiceInfo]:
        return {service.id: service for service in self.services}

    def called(self, words: str) -> ServiceInfo | None:
        """The service of this code or name, in either language; of two of one name, the one that is offered."""
        if words.upper() in self.by_code:
            return self.by_code[words.upper()]
        named = {fold(words), fold(words.split(" · ", maxsplit=1)[0])}
        alike = (each for each in (*self.offered, *self.services) if {fold(each.name_zh), fold(each.name_en)} & named)
        return next(alike, None)

    @cached_property
    def category_by_code(self) -> dict[str, CategoryInfo]:
        return {category.code: category for category in self.categories}


class CatalogueStore:
    """The process's Catalogue. Stations change more often than services: only other rows make another Catalogue."""

    def __init__(self, database: Database, version: NetworkVersion) -> None:
        self._database = database
        self._version = version
        self._loading = asyncio.Lock()
        self._seen = 0
        self._looked = 0.0
        self._rows: tuple[Rows, ...] = ()
        self._catalogue: Catalogue | None = None

    async def current(self) -> Catalogue:
        """The catalogue as it is now: never older than the moment in which this is called."""
        moment = time.monotonic()
        version = await self._version.get()
        if self._catalogue is None or self._seen < version:
            async with self._loading:
                if self._catalogue is None or self._seen < version:
                    self._catalogue = await self._load(version)
        self._looked = moment
        return self._catalogue

    async def recent(self) -> Catalogue:
        """The catalogue as it was at most a second ago, for suggestions while typing.

        They come with every key stroke, and what is chosen is looked up again by `current`, so a name that was changed
        within that second misleads nobody. Nothing about free time or capability comes from here.
        """
        if self._catalogue is not None and time.monotonic() - self._looked < RECENT_SECONDS:
            return self._catalogue
        return await self.current()

    async def _load(self, version: int) -> Catalogue:
        rows = await _read(self._database)
        if self._catalogue is None or rows != self._rows:
            # Building the index takes a fifth of a second, during which others are answered.
            catalogue = await asyncio.to_thread(make_catalogue, *rows)
            self._rows = rows
        else:
            catalogue = self._catalogue
        self._seen = version
        return catalogue


async def _read(database: Database) -> tuple[Rows, Rows, Rows]:
    """Categories, subcategories and services, as of one moment."""
    async with (
        database.pool.connection() as connection,
        connection.transaction(),
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        await cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        categories = await (await cursor.execute(CATEGORIES)).fetchall()
        subcategories = await (await cursor.execute(SUBCATEGORIES)).fetchall()
        services = await (await cursor.execute(SERVICES)).fetchall()
    return categories, subcategories, services


def make_catalogue(categories: Rows, subcategories: Rows, services: Rows) -> Catalogue:
    """A Catalogue of rows as the statements above give them."""
    branches: dict[str, list[SubcategoryInfo]] = {}
    for row in subcategories:
        branch = SubcategoryInfo(row["code"], row["name_zh"], row["name_en"])
        branches.setdefault(row["category_code"], []).append(branch)
    families = tuple(CategoryInfo(**row, subcategories=tuple(branches.get(row["code"], ()))) for row in categories)
    infos = tuple(_service(row) for row in services)
    return Catalogue(families, infos, SearchIndex(list(_entries(infos, families))))


def _service(row: Mapping[str, Any]) -> ServiceInfo:
    own = {name: value for name, value in row.items() if name != "confidence"}
    own["keywords_zh"], own["modes"] = tuple(row["keywords_zh"]), tuple(row["modes"])
    own["reference"] = row["reference"] if row["confidence"] in PUBLIC_CONFIDENCE else None
    return ServiceInfo(**own, fields=form_fields(row["inputs"]))


def _entries(services: Iterable[ServiceInfo], categories: Iterable[CategoryInfo]) -> Iterable[Entry]:
    names = {category.code: category for category in categories}
    for service in services:
        if service.active:
            category = names[service.category]
            yield Entry(
                service.code,
                service.category,
                category.name_zh,
                category.name_en,
                service.subcategory,
                service.name_zh,
                service.name_en,
                service.keywords_zh,
            )


def catalogue_store(request: Request) -> CatalogueStore:
    store: CatalogueStore = request.app.state.catalogue
    return store


async def current_catalogue(request: Request) -> Catalogue:
    return await catalogue_store(request).current()


async def recent_catalogue(request: Request) -> Catalogue:
    return await catalogue_store(request).recent()


CurrentCatalogue = Annotated[Catalogue, Depends(current_catalogue)]
RecentCatalogue = Annotated[Catalogue, Depends(recent_catalogue)]
"""For names only: at most a second old."""


class StationCounts(Protocol):
    """How many stations in use may do each service on a day, by the service's code.

    Stations know the catalogue and not the other way, so whoever knows both hands this in (`app.state.station_counts`).
    """

    async def __call__(self, on: date) -> Mapping[str, int]: ...


async def station_counts(request: Request, now: Annotated[datetime, Depends(now)]) -> Mapping[str, int]:
    counts: StationCounts = request.app.state.station_counts
    return await counts(local_date(now))


Counts = Annotated[Mapping[str, int], Depends(station_counts)]
