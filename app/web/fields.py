"""The attributes of form fields, for web/macros/forms.html."""

from collections.abc import Mapping

from markupsafe import Markup, escape

FROM_NAME = str.maketrans({".": "-", "[": "-", "]": ""})


def field_id(name: str) -> str:
    """``f-applicant-uscc`` for ``applicant.uscc``: the id of a field, where an error summary's link leads."""
    return f"f-{name.translate(FROM_NAME)}"


def described_by(name: str, hint: object = "", error: object = "") -> dict[str, str]:
    """What ties a field to its hint and its error for those who don't see them."""
    ids = [f"{field_id(name)}-{part}" for part, there in (("hint", hint), ("error", error)) if there]
    return {"aria-describedby": " ".join(ids)} if ids else {}


def field_attributes(
    name: str, hint: object, error: object, required: bool, attrs: Mapping[str, object], **more: object
) -> Markup:
    """All attributes of one input: its id and name, what describes it, and `attrs`, which win over `more`."""
    wrong = {"aria-invalid": "true"} if error else {}
    own = {"id": field_id(name), "name": name, "required": required, **described_by(name, hint, error), **wrong}
    return attributes({**own, **more, **attrs})


def attributes(pairs: Mapping[str, object]) -> Markup:
    """HTML attributes, each with a space before it: None, False and "" are left out, True is the bare name."""
    return Markup("".join(_attribute(name, value) for name, value in pairs.items()))  # noqa: S704 - each part is escaped


def _attribute(name: str, value: object) -> str:
    if value is None or value is False or value == "":
        return ""
    return f" {escape(name)}" if value is True else f' {escape(name)}="{escape(value)}"'
