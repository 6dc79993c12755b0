"""Labels on paper: on sheets of A4 or from a label printer, a QR code and what tells the thing apart on each."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import segno

from app.kit.documents import Typesetter
from app.kit.i18n import current_locale, tr
from app.kit.i18n import gettext as _
from app.reception.codes import LABEL
from app.reception.models import Thing
from app.reception.words import told_apart, what_it_is
from app.requests.queries import RequestView

TEMPLATE = "reception/documents/labels.typ"
ON_A_SHEET = 24


class Sheet(StrEnum):
    """What is printed on: 24 labels of 70 by 37 mm on A4, or a roll with one label after the other (mm)."""

    A4 = "a4"
    ROLL_60 = "60x40"
    ROLL_50 = "50x30"


SIZES: Mapping[Sheet, tuple[float, float]] = {
    Sheet.A4: (70, 37.125),
    Sheet.ROLL_60: (60, 40),
    Sheet.ROLL_50: (50, 30),
}


@dataclass(frozen=True, slots=True)
class Printing:
    """How labels are printed: on what, from which place of a sheet on (from 1, row by row), with whose address."""

    sheet: Sheet
    start: int
    base: str
    network: str
    at: datetime


async def labels_pdf(
    typesetter: Typesetter, view: RequestView, things: Sequence[Thing], chosen: Sequence[Thing], printing: Printing
) -> bytes:
    """The labels of those that are chosen of a request's things. Raises DocumentsBusy."""
    width, height = SIZES[printing.sheet]
    data = {
        "lang": current_locale().partition("-")[0],
        "title": _("Labels for request {reference}").format(reference=view.request.reference),
        "network": printing.network,
        "sheet": printing.sheet.value,
        "width": width,
        "height": height,
        "skip": printing.start - 1 if printing.sheet is Sheet.A4 else 0,
        "labels": [_label(view, thing, things, printing.base) for thing in chosen],
    }
    return await typesetter.pdf(TEMPLATE, data, printing.at)


def _label(view: RequestView, thing: Thing, things: Sequence[Thing], base: str) -> dict[str, Any]:
    item = next(item for item in view.items if item.n == thing.n)
    pieces = max(each.part for each in things if each.n == thing.n)
    name = what_it_is(item.inputs)
    return {
        "qr": _qr(f"{base}{LABEL}{thing.code}"),
        "alt": _("QR code of the label {code}").format(code=thing.code),
        "code": thing.code,
        "name": f"{name} ({thing.part}/{pieces})" if pieces > 1 else name,
        "facts": told_apart(item.inputs),
        "service": tr(item.service, "name"),
        "owner": view.request.organisation_name,
        "foot": f"{view.request.reference} · {view.appointment.station.code}",
    }


def _qr(url: str) -> str:
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, kind="svg", xmldecl=False, border=2, omitsize=True)
    return drawn.getvalue().decode()
