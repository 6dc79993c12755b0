"""The words of the pages of results."""

from collections.abc import Mapping

from app.catalogue.deliverables import ResultKind
from app.kit.i18n import LazyString, lazy
from app.results.rules import Document, Standing

TITLES: Mapping[str, LazyString] = {
    Document.CERTIFICATE: lazy("Verification certificate"),
    Document.CALIBRATION: lazy("Calibration certificate"),
    Document.NOTICE: lazy("Notice of verification result"),
    Document.REPORT: lazy("Test report"),
}
STANDINGS: Mapping[str, tuple[LazyString, str]] = {
    Standing.VALID: (lazy("Valid"), "good"),
    Standing.EXPIRED: (lazy("Run out"), "attention"),
    Standing.CORRECTED: (lazy("Superseded"), "attention"),
    Standing.WITHDRAWN: (lazy("Void"), "wrong"),
}
KINDS: Mapping[str, LazyString] = {
    ResultKind.VERIFICATION: lazy("Verification"),
    ResultKind.CALIBRATION: lazy("Calibration"),
    ResultKind.REPORT: lazy("Test"),
}
NOTES: Mapping[str, tuple[LazyString, LazyString]] = {
    "basis": (lazy("Worked by"), lazy("The rule or method, as it stands on the document.")),
    "equipment": (lazy("Measured with"), lazy("Standards and devices, with what proves them.")),
    "environment": (lazy("Surroundings"), lazy("Such as temperature and humidity.")),
    "conclusion": (lazy("Conclusion"), lazy("What the report says as a whole.")),
    "remarks": (lazy("Remarks"), lazy("They stand on the document. Name no people.")),
}
"""What is said in words, with a hint each."""
