"""What a document says, as one object, and the digest of it that anybody can compute again. Pure."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.catalogue.deliverables import ResultKind

# What tells one instrument or sample from another; never who asks, or where they can be reached.
OBJECT_KEYS = (
    "instrument_name", "model_spec", "serial_no", "manufacturer", "measuring_range", "accuracy_class", "sample_name",
    "sample_model", "batch_no", "equipment_type", "equipment_code", "quantity", "test_items", "test_standard",
)  # fmt: skip
NAMES, MODELS, SERIALS = (
    ("instrument_name", "sample_name", "equipment_type"),
    ("model_spec", "sample_model"),
    ("serial_no", "batch_no", "equipment_code"),
)


class Document(StrEnum):
    """What is issued: a certificate of verification or calibration, a notice when it has failed, or a report."""

    CERTIFICATE = "certificate"
    CALIBRATION = "calibration"
    NOTICE = "notice"
    REPORT = "report"


class Standing(StrEnum):
    """How a version of a document stands."""

    VALID = "valid"
    EXPIRED = "expired"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


def document_of(kind: ResultKind, *, passed: bool | None) -> Document:
    """A verification that was failed ends with a notice of result; a calibration has no verdict."""
    if kind is ResultKind.VERIFICATION:
        return Document.NOTICE if passed is False else Document.CERTIFICATE
    return Document.CALIBRATION if kind is ResultKind.CALIBRATION else Document.REPORT


def number_of(station_code: str, year: int, place: int) -> str:
    """A number of ours: the station, the year, and the place in it, such as "WH-YJ-01-2026-00042"."""
    return f"{station_code}-{year}-{place:05d}"


def canonical(facts: Mapping[str, Any]) -> bytes:
    """The facts as bytes, always the same: JSON in UTF-8, keys sorted, no blanks. There are no floats in them."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(facts: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical bytes."""
    return hashlib.sha256(canonical(facts)).digest()


def first_of(inputs: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """What was answered to the first of these questions that was asked."""
    return next((str(inputs[key]) for key in keys if inputs.get(key)), "")
