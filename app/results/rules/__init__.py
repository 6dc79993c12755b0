"""What a result is, what it is made of, and what the document says of it."""

from app.results.rules.facts import (
    MODELS,
    NAMES,
    OBJECT_KEYS,
    SERIALS,
    Document,
    Standing,
    canonical,
    digest_of,
    document_of,
    first_of,
    number_of,
)
from app.results.rules.findings import NOTES, Finding, Judged, Setting, judge, usually_until
from app.results.rules.tables import MOST_ROWS, TABLES, Column, TableKind, table_for

__all__ = [
    "MODELS",
    "MOST_ROWS",
    "NAMES",
    "NOTES",
    "OBJECT_KEYS",
    "SERIALS",
    "TABLES",
    "Column",
    "Document",
    "Finding",
    "Judged",
    "Setting",
    "Standing",
    "TableKind",
    "canonical",
    "digest_of",
    "document_of",
    "first_of",
    "judge",
    "number_of",
    "table_for",
    "usually_until",
]
