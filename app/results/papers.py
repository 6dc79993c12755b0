"""A document as a PDF: made whenever it is asked for, the same bytes for the same standing.

Its words are in Chinese with English below, as the trade's are; the template is `documents/certificate.typ`.
"""

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import segno

from app.kit.clock import LOCAL
from app.kit.documents import Typesetter
from app.kit.ids import access_code
from app.results.models import IssuedDocument
from app.results.queries import standing
from app.results.rules import Document, Standing

TEMPLATE = "results/documents/certificate.typ"
TITLES: Mapping[str, tuple[str, str]] = {
    Document.CERTIFICATE: ("检定证书", "Verification Certificate"),
    Document.CALIBRATION: ("校准证书", "Calibration Certificate"),
    Document.NOTICE: ("检定结果通知书", "Notice of Verification Result"),
    Document.REPORT: ("检验检测报告", "Test Report"),
}
MARKS: Mapping[Standing, tuple[str, str]] = {
    Standing.CORRECTED: ("已被更正版本替代", "Superseded by a corrected version"),
    Standing.WITHDRAWN: ("已作废", "Void"),
}


def check_url(base: str, number: str, code: str) -> str:
    """Where anybody checks the document."""
    return f"{base}/check?{urlencode({'number': number, 'code': code})}"


def code_of(document: IssuedDocument, secret_key: bytes) -> str:
    """The short code that stands on the paper."""
    return access_code(secret_key, document.id)


def layout(
    document: IssuedDocument, names: Mapping[str, str], network: tuple[str, str], *, base: str, code: str, today: date
) -> dict[str, Any]:
    """What the template needs. `names` are those of who entered and verified, by their ids, as far as known."""
    facts, how = document.facts, standing(document, today)
    title_zh, title_en = TITLES[document.document]
    url = check_url(base, document.number, code)
    return {
        "facts": facts,
        "title_zh": title_zh,
        "title_en": title_en,
        "network_zh": network[0],
        "network_en": network[1],
        "entered_by": names.get(facts["entered_by"], ""),
        "verified_by": names.get(facts["verified_by"], ""),
        "code": code,
        "url": url,
        "check": f"{base}/check",
        "qr": qr_of(url),
        "digest": document.digest.hex(),
        "mark": list(MARKS[how]) if how in MARKS else None,
    }


def qr_of(url: str) -> str:
    """An SVG of the address."""
    out = BytesIO()
    segno.make(url, error="m").save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()


async def pdf_of(typesetter: Typesetter, document: IssuedDocument, data: Mapping[str, Any]) -> bytes:
    """The PDF. Raises DocumentsBusy."""
    return await typesetter.pdf(TEMPLATE, data, document.issued_at.astimezone(LOCAL))


def file_name(document: IssuedDocument) -> str:
    return f"{document.number}-v{document.version}.pdf"
