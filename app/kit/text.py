"""What people type: cleaned, measured, checked; as functions and as pydantic types.

The functions raise `TextError`, which is a `ValueError` with a `code` and the data of its sentence. The types
turn it into a `PydanticCustomError` of the same code. `MESSAGES` holds the English msgid of each code, with
{named} places; who shows an error translates the msgid and fills the places from the error's `ctx`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.kit.i18n import lazy

_SENTENCES = {
    "text_blank": lazy("Fill this in."),
    "text_too_long": lazy("Use at most {limit} characters; there are {length}."),
    "text_control_character": lazy("Remove the control character at position {position}."),
    "mobile_invalid": lazy(
        "Give a mobile number of 11 digits, or a landline with its area code, such as 0553-5881234."
    ),
    "email_invalid": lazy("Give an e-mail address such as name@example.com."),
    "uscc_length": lazy("A unified social credit code has 18 characters; this one has {length}."),
    "uscc_character": lazy("“{character}” at place {place} does not occur there in a unified social credit code."),
    "uscc_check_digit": lazy(
        "The check digits do not fit: please compare the code with the business licence. If the licence prints it "
        "like this, ask a station: its staff can accept it on sight of the licence."
    ),
}
MESSAGES = {code: sentence.msgid for code, sentence in _SENTENCES.items()}

# C0, DEL and C1, halves of surrogate pairs, and the two code points that no XML (so no xlsx) may hold.
_REFUSED = "\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_REFUSED_IN_LINE = re.compile(f"[\x00-\x1f\u2028\u2029{_REFUSED}]")
_REFUSED_IN_PARAGRAPH = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{_REFUSED}]")
_LINE_END = re.compile("\r\n|[\r\u2028\u2029]")
_BLANKS = " \t\r\n\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
# Soft hyphen, zero-width space, directional marks, byte order mark: phones and office programs paste them along
# unseen. They are dropped, not refused, as nobody could find what to delete. The zero-width joiners stay: some
# scripts and emoji need them.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# NFC would replace a CJK compatibility ideograph, also beyond the BMP, by another shape: wrong in a name.
_OUTSIDE_COMPATIBILITY_HAN = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_TO_HALFWIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# An area code of three digits is followed by exactly eight, one of four by seven or eight.
_AREA_CODE = r"\(?(0(?:10|2[0-9])(?=\)?-?[0-9]{8}(?![0-9]))|0[3-9][0-9]{2})\)?"
_LANDLINE = re.compile(_AREA_CODE + r"-?([2-8][0-9]{6,7})(?:(?:-|转|x|ext)-?([0-9]{1,6}))?")
_COUNTRY_CODE = re.compile(r"\(?(?:\+|00)86\)?-*(?:\(0\))?|86(?=1[3-9][0-9]{9}$)")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"(?!-)(?:(?!_)[\w-]){1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")
_MOST_EMAIL, _MOST_LOCAL, _MOST_DOMAIN = 254, 64, 253


class TextError(ValueError):
    """A text that can't be taken. `code` is a key of `MESSAGES`; `context` fills the sentence's places."""

    def __init__(self, code: str, **context: str | int) -> None:
        super().__init__(MESSAGES[code].format(**context))
        self.code = code
        self.context = context


def to_halfwidth(text: str) -> str:
    """Full-width ASCII (U+FF01 to U+FF5E) and the ideographic space become their half-width forms."""
    return text.translate(_TO_HALFWIDTH)


def clean(text: str, *, multiline: bool = False) -> str:
    r"""The text as it is stored: NFC, trimmed, without invisible marks; Han beyond the BMP unchanged.

    With `multiline`, tabs stay and a line end of any kind becomes `\n`. Raises `TextError` of code
    `text_control_character` with the `position` (from 1, in the text as given) and the `character` ("U+0000").
    """
    body = text.strip(_BLANKS)
    if slip := (_REFUSED_IN_PARAGRAPH if multiline else _REFUSED_IN_LINE).search(body):
        position = len(text) - len(text.lstrip(_BLANKS)) + slip.start() + 1
        raise TextError("text_control_character", position=position, character=f"U+{ord(slip[0]):04X}")
    body = _LINE_END.sub("\n", _INVISIBLE.sub("", body))
    return _OUTSIDE_COMPATIBILITY_HAN.sub(lambda run: unicodedata.normalize("NFC", run[0]), body).strip(_BLANKS)


def is_mobile(text: str) -> bool:
    """Whether a normalised number is a mainland mobile number (11 digits, 13 to 19), so can get messages."""
    return _MOBILE.fullmatch(text) is not None


def normalise_phone(text: str) -> str:
    """A mainland number in its one form: "13812345678", or "0553-5881234" with "-801" for an extension.

    Takes full width, spaces, dots, hyphens and the prefix +86. Area codes are 010, 02x (eight digits follow) and
    four digits from 03xx to 09xx (seven or eight follow). Raises `TextError` of code `mobile_invalid`.
    """
    number = re.sub(r"[\s.·]+", "", _INVISIBLE.sub("", to_halfwidth(text))).lower()
    number = re.sub("[-\u2010-\u2015\u2212]+", "-", number)
    national = _COUNTRY_CODE.sub("", number, count=1) if _COUNTRY_CODE.match(number) else number
    if is_mobile(digits := national.replace("-", "")):
        return digits
    if national != number and not national.startswith(("0", "(")):
        national = f"0{national}"  # the area code is written without its 0 after +86
    landline = _LANDLINE.fullmatch(national)
    if landline is None:
        raise TextError("mobile_invalid")
    return "-".join(part for part in landline.groups() if part)


def mask_mobile(number: str) -> str:
    """A number fit for a screen: "138****5678", "0553-***1234"; what is no such number is hidden wholly."""
    if is_mobile(number):
        return f"{number[:3]}****{number[-4:]}"
    landline = _LANDLINE.fullmatch(number)
    if landline is None:
        return "*" * len(number)
    return f"{landline[1]}-{'*' * (len(landline[2]) - 4)}{landline[2][-4:]}"


def mask_email(address: str) -> str:
    """An address fit for a screen: "w***@example.com"; what is no address is hidden wholly."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at and local else "*" * len(address)


def mask_name(name: str) -> str:
    """A person's name fit for a screen: its first character, "王*"; as many stars whatever its length."""
    return f"{name[:1]}*" if name else ""


def normalise_email(text: str) -> str:
    """The address with half-width signs and its domain in lower case. Raises `TextError` `email_invalid`.

    A syntactic check, after RFC 5321 without its curiosities: the local part is an ASCII dot-atom of at most 64
    characters (no quotes, no comments; delivery to non-ASCII mailboxes can't be relied on); the domain has two
    labels or more, internationalised ones included, and no numeric top level; 254 characters in all, with the
    domain counted as it is sent (IDNA).
    """
    address = to_halfwidth(_INVISIBLE.sub("", text)).replace("。", ".").strip()
    local, _, domain = address.rpartition("@")
    if len(address) > _MOST_EMAIL or len(local) > _MOST_LOCAL or not _LOCAL_PART.fullmatch(local):
        raise TextError("email_invalid")
    domain = unicodedata.normalize("NFC", domain.lower())
    if len(local) + 1 + _domain_octets(domain) > _MOST_EMAIL:
        raise TextError("email_invalid")
    return f"{local}@{domain}"


def _domain_octets(domain: str) -> int:
    try:
        octets = len(domain.encode("idna")) if _DOMAIN.fullmatch(domain) else 0
    except UnicodeError:  # the codec's answer to a label that is too long or mixes directions
        octets = 0
    if not 0 < octets <= _MOST_DOMAIN:
        raise TextError("email_invalid")
    return octets


def as_pydantic(function: Callable[[str], str]) -> Callable[[str], str]:
    """The function with its `TextError` turned into a pydantic error of the same code, sentence and context."""

    def validate(text: str) -> str:
        try:
            return function(text)
        except TextError as error:
            raise PydanticCustomError(error.code, MESSAGES[error.code], error.context) from error

    return validate


def _visible(refused: str) -> str:
    """A pattern for JSON schema, without look-ahead: none of the refused characters and one that can be seen."""
    return rf"^[^{refused}]*[^{refused}\s][^{refused}]*$"


@dataclass(frozen=True)
class Line:
    """A field of one line: `name: Annotated[str, Line(80)]`; `blank=True` lets it be empty.

    The limit counts characters (code points) after cleaning. Errors: `text_blank`, `text_too_long`,
    `text_control_character`. The JSON schema says the same.
    """

    limit: int
    blank: bool = False

    multiline: ClassVar[bool] = False
    visible: ClassVar[str] = _visible(r"\u0000-\u001f\u007f-\u009f\u2028\u2029")

    def validate(self, text: str) -> str:
        """The cleaned text; raises `TextError`."""
        cleaned = clean(text, multiline=self.multiline)
        if not cleaned and not self.blank:
            raise TextError("text_blank")
        if len(cleaned) > self.limit:
            raise TextError("text_too_long", limit=self.limit, length=len(cleaned))
        return cleaned

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(as_pydantic(self.validate), handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        shape = handler(schema) | {"maxLength": self.limit}
        return shape if self.blank else shape | {"minLength": 1, "pattern": self.visible}


@dataclass(frozen=True)
class Paragraph(Line):
    """A field of several lines, used as `Line` is; line ends and tabs stay."""

    multiline: ClassVar[bool] = True
    visible: ClassVar[str] = _visible(r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f")


Phone = Annotated[
    str,
    AfterValidator(as_pydantic(normalise_phone)),
    WithJsonSchema({"type": "string", "maxLength": 40, "examples": ["13812345678", "0553-5881234"]}),
]
"""A mainland mobile or landline number, see `normalise_phone`; error `mobile_invalid`."""

Email = Annotated[
    str,
    AfterValidator(as_pydantic(normalise_email)),
    WithJsonSchema({"type": "string", "format": "email", "maxLength": _MOST_EMAIL}),
]
"""An e-mail address, see `normalise_email`; error `email_invalid`."""
