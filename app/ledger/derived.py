"""From what was said of an instrument to what is kept of it. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.catalogue.snapshot import Catalogue
from app.ledger.fields import SERVICE
from app.ledger.rules.dues import due
from app.ledger.rules.identity import identity_key, serial_key, words

SAID = (
    "instrument_name", "model_spec", "measuring_range", "accuracy_class", "serial_no", "manufacturer",
    "install_location", "use_region_code", "quantity", "use_purpose", "delivery", "service_id", "interval_months",
    "last_cert_no", "last_cert_date", "valid_until", "ecqs_record_no",
)  # fmt: skip
"""The columns that somebody says; the others follow."""


def said(values: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Clean values of an entry by column: the service by its id."""
    found = {key: value for key, value in values.items() if key != SERVICE}
    if SERVICE in values:
        code = values[SERVICE]
        found["service_id"] = catalogue.by_code[code].id if code else None
    return found


def derived(kept: Mapping[str, Any], months: Mapping[int, int | None]) -> dict[str, Any]:
    """What follows from all that is said of an instrument; `months` are the intervals of services by id."""
    found = due(
        kept.get("last_cert_date"),
        kept.get("valid_until"),
        kept.get("interval_months"),
        months.get(kept.get("service_id") or 0),
    )
    return {
        "due_on": found.on,
        "due_from": found.reason,
        "serial_key": serial_key(kept),
        "identity_key": identity_key(kept),
        "words": words(kept),
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What differs by column, as it was and as it is, in JSON."""
    return {key: [_json(before[key]), _json(after[key])] for key in SAID if key in after and before[key] != after[key]}


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
