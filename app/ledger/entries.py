"""What is said of an instrument, by a form, a program or a row of a file: every fault of it at once. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.catalogue.answers import SENTENCES as OF_FORMS
from app.catalogue.rules import USE_FIELD, Circumstances, validate_inputs
from app.catalogue.sheets import value_of
from app.catalogue.snapshot import Catalogue, ServiceInfo
from app.kit.i18n import LazyString, lazy
from app.kit.problems import FieldError
from app.kit.text import MESSAGES
from app.ledger.fields import ALL, BY_KEY, DELIVERY, LONGEST_INTERVAL, NAME, QUANTITY, REGION, SERVICE, WRITTEN
from app.stations.atlas import Atlas

COUNTY_DIGITS = 6
DATES = ("last_cert_date", "valid_until")
SENTENCES: Mapping[str, LazyString] = {
    "use_unknown": lazy(
        "Write one of these: trade settlement, safety protection, medical care, environmental monitoring, other use."
    ),
    "delivery_unknown": lazy("Write one of these: brought to the station, on site."),
    "service_unknown_here": lazy("No service that verifies instruments has this code or name. You may leave it empty."),
    "delivery_not_offered": lazy("The service that fits isn't done in this way. Please choose the other one."),
    "valid_before_done": lazy("This is before the day of the last verification. Please compare with the certificate."),
    "serial_twice": lazy("Row {first} has the same serial number, manufacturer and model. Please keep one of the two."),
    "serial_retired": lazy("Your ledger has this instrument as out of use. Put it to use again there first."),
    "serial_unclear": lazy("Several of your instruments have this serial number. Write manufacturer and model too."),
}
"""What a fault says that the questions of forms don't know."""
INSTEAD: Mapping[object, str] = {
    (USE_FIELD, "not_an_option"): "use_unknown",
    (DELIVERY, "not_an_option"): "delivery_unknown",
    "required": "text_blank",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What was said, in clean values by key (None: nothing), and every fault of it."""

    values: dict[str, Any]
    faults: tuple[FieldError, ...]


class Reader:
    """Reads entries against the divisions and the catalogue as they are; remembers what rows have in common."""

    def __init__(self, atlas: Atlas, catalogue: Catalogue, today: date) -> None:
        self.catalogue = catalogue
        self._atlas = atlas
        self._regions: dict[str, str] = {}
        self._services: dict[str, ServiceInfo | None] = {}
        self._names = {name: code for code, name in _divisions(atlas)}
        codes = {division.adcode: division.adcode for division in atlas.divisions}
        self._given = Circumstances(today, regions=codes)

    def read(self, given: Mapping[str, object], keys: Collection[str] = tuple(BY_KEY)) -> Entry:
        """`given` are texts, or typed values of a program; keys that aren't among `keys` are not said at all."""
        fields = [field for field in ALL if field.key in keys]
        prepared = {field.key: self._prepared(field.key, given.get(field.key)) for field in fields}
        clean, errors = validate_inputs(fields, prepared, self._given)
        values: dict[str, Any] = {field.key: clean.get(field.key) for field in fields}
        for key in DATES:
            if values.get(key):
                values[key] = date.fromisoformat(values[key])
        if QUANTITY in values:
            values[QUANTITY] = values[QUANTITY] or 1
        return Entry(values, (*map(_told, errors), *self._together(values)))

    def _prepared(self, key: str, value: object) -> object:
        """A text as a form's own field would have it."""
        if not isinstance(value, str) or not value.strip():
            return None if isinstance(value, str) else value
        if key in WRITTEN:
            return WRITTEN[key].get("".join(value.split()).casefold(), value)
        return self._region(value) if key == REGION else value_of(BY_KEY[key], value)

    def _region(self, words: str) -> str:
        """A division's code of today: also of an abolished one, of a town's code, at the end of a whole address."""
        if words not in self._regions:
            found = self._atlas.county(words) or self._atlas.county(words.strip()[:COUNTY_DIGITS])
            ending = next((code for name, code in self._names.items() if words.strip().endswith(name)), words)
            self._regions[words] = found.adcode if found else ending
        return self._regions[words]

    def service(self, words: str) -> ServiceInfo | None:
        """The service of a code or name, if it is for instruments and offered."""
        if words not in self._services:
            found = self.catalogue.called(words)
            self._services[words] = found if found and for_instruments(found) else None
        return self._services[words]

    def _together(self, values: dict[str, Any]) -> list[FieldError]:
        """What can only be judged by several values; the service becomes its code."""
        faults = []
        words = values.get(SERVICE)
        service = self.service(words) if words else None
        if words and service is None:
            faults.append(fault(SERVICE, "service_unknown_here"))
        if service:
            values[SERVICE] = service.code
            if values.get(DELIVERY) and values[DELIVERY] not in service.modes:
                faults.append(fault(DELIVERY, "delivery_not_offered"))
        if (values.get("interval_months") or 0) > LONGEST_INTERVAL:
            faults.append(fault("interval_months", "above_maximum", most=LONGEST_INTERVAL))
        done, until = (values.get(key) for key in DATES)
        if done and until and until < done:
            faults.append(fault("valid_until", "valid_before_done"))
        return faults


def for_instruments(service: ServiceInfo) -> bool:
    """Whether it verifies or calibrates instruments, and is offered."""
    return service.active and any(field.key == NAME for field in service.fields)


def fault(field: str, code: str, **data: object) -> FieldError:
    """A fault of a code of ours, of forms, or of texts."""
    own = SENTENCES.get(code) or OF_FORMS.get(code)
    return FieldError(field, code, own.msgid if own else MESSAGES[code], data)


def _told(found: FieldError) -> FieldError:
    """What a form's question says, in the words of a ledger."""
    return fault(found.field, INSTEAD.get((found.field, found.code), INSTEAD.get(found.code, found.code)), **found.data)


def _divisions(atlas: Atlas) -> list[tuple[str, str]]:
    """Codes of today with the full names, present and former."""
    present = [(division.adcode, division.name_zh) for division in atlas.divisions]
    return present + [(former.now, former.name_zh) for former in atlas.former]
