"""The form of a webhook as it was filled in: what is wanted, or a sentence for each field."""

from dataclasses import dataclass, field

from starlette.datastructures import FormData

from app.kit.i18n import LOCALES, tr
from app.kit.i18n import gettext as _
from app.kit.outbound import Outbound
from app.kit.text import Line, TextError
from app.webhooks.asked import place_of, url_fault
from app.webhooks.errors import RobotError
from app.webhooks.models import NAME_LENGTH, Subscription
from app.webhooks.pages.frame import Call
from app.webhooks.rules.kinds import KINDS
from app.webhooks.rules.robots import WEBHOOK, Robot, read_robot
from app.webhooks.service.managing import Place, Wanted
from app.webhooks.words import ROBOT

SHOWN, FEW_STATIONS = 10_000, 200
SYSTEM, GROUP = "system", "group"


@dataclass(slots=True)
class Sheet:
    """As typed; `errors` by field. Told is another system, at `url`, or a group: its robot's address and secret."""

    name: str = ""
    url: str = ""
    types: list[str] = field(default_factory=list)
    county: str = ""
    station: str = ""
    group: bool = False
    robot: str = ""
    sign: str = ""
    language: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def typed(form: FormData) -> Sheet:
    def text(name: str) -> str:
        value = form.get(name, "")
        return value[:SHOWN].strip() if isinstance(value, str) else ""

    kinds = [str(each) for each in form.getlist("types") if each in KINDS]
    sheet = Sheet(text("name"), text("url"), kinds, text("county"), text("station"), text("to") == GROUP)
    sheet.robot, sheet.sign, sheet.language = text("robot"), text("sign"), text("language")
    return sheet


def filled(found: Subscription) -> Sheet:
    url, group = (found.url, False) if found.via == WEBHOOK else ("", True)
    return Sheet(found.name, url, list(found.types), group=group, language=found.language or "")


async def wanted(sheet: Sheet, outbound: Outbound, *, readdress: bool = True) -> Wanted | None:
    """What is wanted, with the host of its address looked up; None, and sentences, where something is wrong.

    Without `readdress` a robot's address stays as it is, and isn't asked for.
    """
    _named(sheet)
    if not sheet.group:
        if not sheet.url:
            sheet.errors["url"] = _("Enter the address to which events are sent.")
        elif fault := await url_fault(sheet.url, outbound):
            sheet.errors["url"] = fault.sentence()
        return None if sheet.errors else Wanted(sheet.name, sheet.url, sheet.types)
    robot = robot_of(sheet) if readdress else None
    if sheet.language not in LOCALES:
        sheet.errors["language"] = _("Choose the language in which the group is told.")
    if not sheet.errors:
        return Wanted(sheet.name, "", sheet.types, robot, sheet.language)
    forget(sheet)
    return None


def robot_of(sheet: Sheet) -> Robot | None:
    """The robot whose address was pasted; None, and a sentence, where it is none."""
    try:
        return read_robot(sheet.robot, sheet.sign)
    except RobotError as error:
        name, words = ROBOT[error.code]
        sheet.errors[name] = str(words)
        return None


def forget(sheet: Sheet) -> None:
    """What is right of a robot's secrets isn't shown in the form that comes again: it is to be pasted once more."""
    if sheet.errors and sheet.group:
        again = _("Paste it once more: it is a secret, and isn't shown a second time.")
        if sheet.robot and "robot" not in sheet.errors:
            sheet.robot, sheet.errors["robot"] = "", again
        if sheet.sign and "sign" not in sheet.errors:
            sheet.errors["sign"] = again
        sheet.sign = ""


def _named(sheet: Sheet) -> None:
    try:
        sheet.name = Line(NAME_LENGTH).validate(sheet.name)
    except TextError as error:
        sheet.errors["name"] = _("Give it a name of at most {most} characters.").format(most=NAME_LENGTH)
        if error.code == "text_blank" and sheet.group:
            sheet.errors["name"] = _("Name the group that is told, such as “Reception desk” or “Equipment department”.")
        elif error.code == "text_blank":
            sheet.errors["name"] = _("Name the system that is told, such as “ERP” or “County data platform”.")


def place(call: Call, sheet: Sheet) -> Place:
    """The part of the network that an administrator has chosen, as far as it lies within reach."""
    if call.own:
        return Place()
    chosen, faults = place_of(call.reach, call.directory, sheet.county, sheet.station)
    sheet.errors |= {fault.field: fault.sentence() for fault in faults}
    return chosen


def counties(call: Call) -> list[tuple[str, str]]:
    """Those that lie within reach as a whole."""
    scope, divisions = call.reach.scope, call.directory.atlas.divisions
    return [(each.adcode, tr(each, "name")) for each in divisions if scope.everything or each.adcode in scope.counties]


def station_groups(call: Call) -> list[tuple[str, list[tuple[str, str]]]] | None:
    """The stations within reach by county; None where there are too many for a list: then a code is typed."""
    scope, names = call.reach.scope, {each.adcode: tr(each, "name") for each in call.directory.atlas.divisions}
    reached = [each for each in call.directory.network.stations if scope.reaches(each.id, each.county_adcode)]
    if len(reached) > FEW_STATIONS:
        return None
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name in names.values()}
    for each in reached:
        groups.setdefault(names.get(each.county_adcode, each.county_adcode), []).append((each.code, tr(each, "name")))
    return [(name, stations) for name, stations in groups.items() if stations]
