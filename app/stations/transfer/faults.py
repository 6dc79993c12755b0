"""What is wrong with the files of an import: where it stands, what stands there, and what to do about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.kit.i18n import LazyString, gettext, lazy
from app.kit.problems import FieldError, Problem
from app.kit.text import MESSAGES
from app.kit.validation import OTHERWISE
from app.kit.validation import SENTENCES as COMMON

MOST_FAULTS = 100
LONGEST_VALUE = 60

SENTENCES: Mapping[str, LazyString] = {
    "file_missing": lazy("This file is missing from the folder. Add it; it may have a header and no rows."),
    "file_unreadable": lazy("This file can't be read: {reason}."),
    "encoding": lazy("This line is not UTF-8. Save the file as UTF-8 (in Excel: “CSV UTF-8”)."),
    "header_missing": lazy("The first line must name the columns: {columns}."),
    "column_missing": lazy("The column “{column}” is missing from the first line."),
    "column_unknown": lazy("No column has this name. Known are: {columns}."),
    "column_twice": lazy("This column stands twice in the first line. Remove one of them."),
    "cells": lazy("The line has {found} cells, the first line has {expected}. Check commas and quotation marks."),
    "csv": lazy("From here on this can't be read as CSV. Check the quotation marks."),
    "json": lazy("From here on this can't be read as JSON. Check commas, brackets and quotation marks."),
    "json_twice": lazy("The name “{name}” stands twice in the same object. Remove one of them."),
    "blank": lazy("Fill this in."),
    "code": lazy("Use 1 to {most} letters, digits, hyphens, dots or underscores, beginning with a letter or a digit."),
    "adcode": lazy("Give the six digits of a division code, such as 340202."),
    "town_code": lazy("Give the nine digits of a town's code, such as 340202013."),
    "choice": lazy("Use one of: {options}."),
    "choices": lazy("Use one or more of: {options}; separated by “|”, each once."),
    "integer": lazy("Give a whole number from {least} to {most}."),
    "number": lazy("Give a number with at most {digits} digits after the point."),
    "longitude": lazy("Give degrees east between 73 and 136 (WGS-84). Were longitude and latitude swapped?"),
    "latitude": lazy("Give degrees north between 3 and 54 (WGS-84). Were longitude and latitude swapped?"),
    "date": lazy("Give a date that exists, as YYYY-MM-DD."),
    "time": lazy("Give a time in steps of five minutes, as HH:MM."),
    "moment": lazy("Give a time with its offset, such as 2026-12-01T09:00:00+08:00."),
    "boolean": lazy("Give true or false."),
    "twice": lazy("This stands in line {first} already. Each may be given once."),
    "county_unknown": lazy("No county with this code is in counties.geojson or county_facts.csv."),
    "county_name": lazy("The county {adcode} is called “{known}” elsewhere. Use one name."),
    "county_area": lazy("counties.geojson gives {known} km² for this county. Use one figure."),
    "county_id": lazy("The id of a feature must be the county's code, its “adcode”."),
    "county_current": lazy("This code is in use today. Only abolished codes belong here."),
    "town_unknown": lazy("No town with this code is in towns.csv."),
    "town_county": lazy("towns.csv puts this town into the county {known}."),
    "station_unknown": lazy("No station with this code is in stations.csv."),
    "desk_unknown": lazy("This station has no desk of this number in desks.csv."),
    "service_unknown": lazy("No service with this code is in catalogue.json."),
    "category_unknown": lazy("No category “{category}” is in catalogue.json. Known are: {known}."),
    "subcategory_unknown": lazy("The category “{category}” has no such subcategory in catalogue.json."),
    "subcategory_needed": lazy("The category “{category}” has subcategories: name one of them."),
    "mode_not_offered": lazy("The service is offered only as: {offered}. Remove other modes or change the service."),
    "parent_unknown": lazy("No station with this code is in stations.csv. Leave it empty for a station on top."),
    "parent_cycle": lazy("Following the parents from this station leads back to it. Correct one of them."),
    "hours_order": lazy("A window must open before it closes; this one closes at {closes}."),
    "hours_overlap": lazy("This overlaps the window in line {first} on the same weekday. Join or separate them."),
    "dates_order": lazy("The first day must not come after the last, {until}."),
    "closure_order": lazy("A closure must begin before it ends; this one ends at {ends}."),
    "duration": lazy("Give minutes in steps of 5, from 5 to 480."),
    "options_needed": lazy("A field to choose from needs at least one option."),
    "options_refused": lazy("Only a field to choose from has options."),
    "min_refused": lazy("Only a number or a whole number has a least value."),
    "day_twice": lazy("This day is given twice."),
    "makeup_weekday": lazy("A make-up working day must be a Saturday or a Sunday."),
    "workday_count": lazy("The days that are given make {found} working days in this year. Correct them or the count."),
    "coordinates": lazy(
        "Give a Polygon or a MultiPolygon of closed rings of [longitude, latitude] in WGS-84, or null."
    ),
    "value_twice": lazy("This is given twice. Each may be given once."),
    "year": lazy("Give a year from 1900 to 2099."),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell or value at fault. `line` counts from 1; `column` is the CSV column or the path in a JSON file."""

    file: str
    line: int
    column: str
    value: str
    code: str
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return ":".join(filter(None, (self.file, str(self.line), self.column)))

    def msgid(self) -> str:
        known = SENTENCES.get(self.code) or COMMON.get(self.code)
        return known.msgid if known else MESSAGES.get(self.code, OTHERWISE.msgid)

    def sentence(self) -> str:
        return gettext(self.msgid()).format(**self.data)

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= LONGEST_VALUE else f"{self.value[:LONGEST_VALUE]}…"
        return f"{self.place}: {f'“{shown}” ' if shown else ''}{self.sentence()}"


class Faults:
    """Collects faults of all files; the first `MOST_FAULTS` are kept, all are counted."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.count = 0
        self._broken: set[str] = set()

    def add(self, fault: Fault, *, breaks: bool = True) -> None:
        """`breaks`: rows of that file are missing now, or their codes can't be trusted."""
        self.count += 1
        if breaks:
            self._broken.add(fault.file)
        if len(self.kept) < MOST_FAULTS:
            self.kept.append(fault)

    def clean(self, files: Iterable[str]) -> bool:
        """Whether none of these files is broken so far, so that comparing them finds no second-hand faults."""
        return self._broken.isdisjoint(files)

    def refuse(self) -> None:
        """Raise ImportRefused if there are any."""
        if self.count:
            raise ImportRefused(self)


class ImportRefused(Problem):
    """Nothing was imported, and why: `faults` in the order of the files, at most `MOST_FAULTS` of them."""

    code, status = "import_refused", 422
    detail = lazy("Nothing was imported. Faults found: {count}. Please correct them and import again.")

    def __init__(self, faults: Faults) -> None:
        self.faults = tuple(faults.kept)
        errors = [FieldError(fault.place, fault.code, fault.msgid(), fault.data) for fault in self.faults]
        super().__init__(errors=errors, count=faults.count)

    def __str__(self) -> str:
        return "\n".join([self.sentence(), *map(str, self.faults)])
