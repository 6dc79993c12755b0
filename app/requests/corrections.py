"""What the station asks for anew, and the answers to it: the same checks as when the request was sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.catalogue.rules import Circumstances, Use, validate_inputs
from app.catalogue.snapshot import Catalogue
from app.kit.clock import local_date
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid
from app.requests.intake import CANNOT, may_do, regions, use_of
from app.requests.queries import Item, RequestView
from app.requests.rules import State
from app.requests.service.planning import Fault
from app.requests.site_intake import ADDRESS_FIELD, asks, questions_of
from app.routing.rules import Check
from app.stations.directory import Directory

NOT_IN_FORM = lazy("Item {n} has no question “{key}”. Please name one of these: {keys}.")
NOT_ASKED = lazy("Item {n} was not returned, so nothing of it can be changed.")


@dataclass(frozen=True, eq=False, slots=True)
class Against:
    """What answers are checked against, all of this very moment."""

    catalogue: Catalogue
    directory: Directory
    now: datetime


def check_faults(view: RequestView, faults: Iterable[Fault], catalogue: Catalogue) -> None:
    """That each fault is about a question of its item's form, or about where staff come.

    An item that there isn't, the step itself refuses.

    Raises Invalid with every other one, as `faults.<place>.field`.
    """
    mode, by_code = view.request.mode, catalogue.by_code
    forms = {
        str(item.n): [asked.key for asked in questions_of(by_code[item.service.code].fields, mode)]
        for item in view.items
    }
    wrong = []
    for place, fault in enumerate(faults):
        _items, n, _inputs, key = fault.field.split(".")
        keys = forms.get(n)
        if keys is not None and key not in keys:
            data = {"n": int(n), "key": key, "keys": ", ".join(keys)}
            wrong.append(FieldError(f"faults.{place}.field", "not_in_form", NOT_IN_FORM.msgid, data))
    if wrong:
        raise Invalid(errors=wrong)


def corrected(
    view: RequestView, answers: Mapping[int, Mapping[str, Any]], against: Against
) -> dict[int, dict[str, Any]]:
    """The returned items' answers in clean values, by number. What isn't given again stays as it was.

    Raises Invalid with every fault, as `items.<n>.inputs.<key>`; also when the station may not do it with these.
    """
    items = {item.n: item for item in view.items}
    faults: list[FieldError] = []
    clean: dict[int, dict[str, Any]] = {}
    for n, given in answers.items():
        item = items.get(n)
        if item is None or item.status != State.RETURNED:
            faults.append(FieldError(f"items.{n}", "not_returned", NOT_ASKED.msgid, {"n": n}))
            continue
        clean[n], found = _answers(view, item, given, against)
        faults += found
    if faults:
        raise Invalid(errors=faults)
    return clean


def _answers(
    view: RequestView, item: Item, given: Mapping[str, Any], against: Against
) -> tuple[dict[str, Any], list[FieldError]]:
    request, prefix = view.request, f"items.{item.n}.inputs."
    use = Use(request.use) if request.use else None
    circumstances = Circumstances(local_date(against.now), request.mode, use, regions(against.directory.atlas))
    form = against.catalogue.by_code[item.service.code].fields
    fields = questions_of(form, request.mode) if ADDRESS_FIELD in given else form
    own = {key: answer for key, answer in item.inputs.items() if key != ADDRESS_FIELD or asks(form, key)}
    clean, faults = validate_inputs(fields, {**own, **given}, circumstances, prefix=prefix)
    if not faults:
        station, day = view.appointment.station, local_date(view.appointment.start)
        network = against.directory.network
        check = may_do(network, station, item.service, mode=request.mode, day=day, use=use_of(use, clean))
        if check is Check.NOT_DESIGNATED:
            faults.append(FieldError(f"{prefix}use_purpose", check.reason, CANNOT[check].msgid))
    return clean, faults
