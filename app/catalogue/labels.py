"""Words for codes in the catalogue's data: options of its forms, modes. Plain numbers speak for themselves."""

from collections.abc import Iterable, Mapping

from app.catalogue.forms import FormField, InputType
from app.catalogue.nice import CLASSES, NICE
from app.kit.i18n import LazyString, lazy, tr

OPTIONS: Mapping[tuple[str, str], LazyString] = {
    ("use_purpose", "trade_settlement"): lazy("Trade settlement: what is bought or sold is measured with it"),
    ("use_purpose", "safety_protection"): lazy("Safety protection"),
    ("use_purpose", "medical"): lazy("Medical care"),
    ("use_purpose", "environment"): lazy("Environmental monitoring"),
    ("use_purpose", "other"): lazy("None of these: production control, research, own use"),
    ("report_mark", "CMA"): lazy("CMA mark (report usable as proof in China)"),
    ("report_mark", "CNAS"): lazy("CNAS mark (recognised internationally)"),
    ("report_mark", "CMA+CNAS"): lazy("CMA and CNAS marks"),
    ("report_mark", "none"): lazy("No mark needed"),
    ("report_purpose", "quality_control"): lazy("Quality control"),
    ("report_purpose", "bidding"): lazy("Bidding"),
    ("report_purpose", "ecommerce"): lazy("Selling online"),
    ("report_purpose", "certification"): lazy("Applying for a certificate"),
    ("report_purpose", "dispute"): lazy("Settling a dispute"),
    ("report_purpose", "r_and_d"): lazy("Research and development"),
    ("report_purpose", "other"): lazy("Another purpose"),
    ("report_language", "zh"): lazy("Chinese"),
    ("report_language", "en"): lazy("English"),
    ("report_language", "zh+en"): lazy("Chinese and English"),
    ("sample_disposal", "return"): lazy("Return it to us"),
    ("sample_disposal", "destroy"): lazy("Destroy it"),
    ("sample_disposal", "retain"): lazy("Keep it at the laboratory"),
    ("equipment_type", "boiler"): lazy("Boiler"),
    ("equipment_type", "pressure_vessel"): lazy("Pressure vessel"),
    ("equipment_type", "pressure_pipe"): lazy("Pressure piping"),
    ("equipment_type", "elevator"): lazy("Lift"),
    ("equipment_type", "crane"): lazy("Crane"),
    ("equipment_type", "forklift"): lazy("Forklift or other works vehicle"),
    ("equipment_type", "other"): lazy("Other special equipment"),
    ("stage", "idea"): lazy("An idea"),
    ("stage", "drafting"): lazy("Being drafted"),
    ("stage", "soliciting"): lazy("Out for comments"),
    ("stage", "review"): lazy("Under review"),
    ("stage", "published"): lazy("Published"),
    ("route", "general_procedure"): lazy("Ordinary procedure, with assessment"),
    ("route", "self_commitment"): lazy("By declaration and commitment"),
}
MODES: Mapping[str, LazyString] = {
    "station": lazy("At the station"),
    "onsite": lazy("At your site"),
    "online": lazy("Online"),
}


BRING: Mapping[str, LazyString] = {
    "instrument_name": lazy("The instrument with its accessories, clean and in working order"),
    "last_cert_no": lazy("The last certificate, if there is one"),
    "sample_name": lazy("The sample, packed and labelled"),
}
"""What a question tells about what belongs on the counter."""


def what_to_bring(fields: Iterable[FormField], mode: str) -> list[str]:
    """What to bring to the appointment, in the current language, as the service's form tells.

    Things come to the station and nowhere else; documents are needed whatever the mode.
    """
    things, documents = [], []
    for field in fields:
        if mode == "station" and field.key in BRING:
            things.append(str(BRING[field.key]))
        if field.type is InputType.FILE:
            documents.append(tr(field, "label"))
    return things + documents


def option_label(key: str, option: str) -> str:
    """The words of an option of the field `key` in the current language; the code itself where there are none."""
    if key == NICE and option in CLASSES:
        return f"{option} {CLASSES[option]}"
    label = OPTIONS.get((key, option))
    return str(label) if label else option


def mode_label(mode: str) -> str:
    return str(MODES[mode])
