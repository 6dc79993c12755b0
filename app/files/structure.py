"""Whether a file is what it begins as, from its first byte to its last: strict walks, nothing is ever unpacked.

A file that is two kinds at once (a picture with an archive behind it, a document that a browser takes for a page) lives
on what readers ignore: bytes before, between and behind. So a picture must end where its structure ends, its
remarks must hold no markup, and nothing may be readable as an archive. Pictures are not encoded anew: that would need
an image library, which is a larger target than what it guards, since files are only ever served as attachments.

Structures: JPEG by ITU-T T.81 annex B, PNG by its third edition, WebP by RFC 9649, PDF by ISO 32000-1, 7.5.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping

import puremagic

from app.files.rules import JPEG, PDF, PNG, WEBP, Kind

MOST_PIXELS = 250_000_000
"""A picture of a few kilobytes may claim to be 60,000 pixels wide, and who opens it runs out of memory."""

HEAD = 4096
# Long enough not to turn up in compressed bytes by chance.
_MARKUP = re.compile(
    rb"<(?:!doctype|html|head|body|script|svg|iframe|object|embed|img|meta|style|link|form)[\s/>]|<\?php", re.IGNORECASE
)
_SCRIPT_STARTS = (b"/*", b"//")
_PADDING = re.compile(rb"\x00*")
_JPEG_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # but stuffed bytes and restarts
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_REMARKS = frozenset({*range(0xE0, 0xF0), 0xFE})
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS = frozenset({b"IDAT", b"fdAT"})
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|RichMedia)(?![A-Za-z0-9])")
# A letter of a name may be written by its number (ISO 32000-1, 7.3.5): /Java#53cript is the same name.
_PDF_BY_NUMBER = re.compile(rb"#([0-9A-Fa-f]{2})")
_PDF_TAIL = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\x00]*\Z")


class FileFaultError(ValueError):
    """Why a file is refused: `code` is a key of `service.SENTENCES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def kind_of(data: bytes, allowed: tuple[Kind, ...]) -> Kind:
    """The one kind that the whole file is. Raises FileFaultError."""
    kind = _sniff(data, allowed)
    remarks = WALKS[kind](data)
    # What begins as a picture does is a name to JavaScript, if its first length reads as the start of a remark.
    if _MARKUP.search(remarks) or data[4:6] in _SCRIPT_STARTS or zipfile.is_zipfile(io.BytesIO(data)):
        raise FileFaultError("file_two_kinds")
    return kind


def _sniff(data: bytes, allowed: tuple[Kind, ...]) -> Kind:
    """By its first bytes, where `puremagic` knows them and a file of an allowed kind must have them."""
    try:
        found = {match.mime_type for match in puremagic.magic_string(data[:HEAD])}
    except (puremagic.PureError, ValueError):  # nothing known; nothing at all
        found = set()
    for kind in allowed:
        if kind.media_type in found:
            return kind
    raise FileFaultError("file_kind")


def _jpeg(data: bytes) -> bytes:
    """The remarks. Several pictures in a row are one file of some phones (CIPA DC-007); each must be whole."""
    remarks: list[bytes] = []
    at = 0
    while at < len(data):
        if data[at : at + 2] != bytes((0xFF, _SOI)):
            raise FileFaultError("file_two_kinds" if at else "file_broken")
        at = _after_padding(data, _one_jpeg(data, at + 2, remarks))
    return b"".join(remarks)


def _after_padding(data: bytes, at: int) -> int:
    padding = _PADDING.match(data, at)
    return padding.end() if padding else at


def _one_jpeg(data: bytes, at: int, remarks: list[bytes]) -> int:
    """Walks the segments from behind the start to behind the end of one picture; returns where that is."""
    framed = False
    while marker := _JPEG_MARKER.match(data, at):
        code, at = data[marker.end() - 1], marker.end()
        if code == _EOI and framed:
            return at
        length = int.from_bytes(data[at : at + 2])
        segment = data[at + 2 : at + length]
        if length < 2 or len(segment) != length - 2 or code in (_SOI, _EOI):  # noqa: PLR2004 - the length counts itself
            break
        at += length
        if code in _JPEG_REMARKS:
            remarks.append(segment)
        elif code in _SOF:
            _refuse_huge(*reversed(struct.unpack_from(">HH", segment.ljust(5, b"\0"), 1)))
            framed = True
        elif code == _SOS:
            following = _JPEG_MARKER.search(data, at)
            at = following.start() if following else len(data)
    raise FileFaultError("file_broken")


def _png(data: bytes) -> bytes:
    if not data.startswith(_PNG_SIGNATURE):
        raise FileFaultError("file_broken")
    remarks, names, at = [], [], len(_PNG_SIGNATURE)
    for name, body, end in _png_chunks(data, at):
        names.append(name)
        at = end
        if name not in _PNG_PIXELS:
            remarks.append(body)
        if name == b"IEND":
            break
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or b"IDAT" not in names:
        raise FileFaultError("file_broken")
    _refuse_huge(*struct.unpack_from(">II", remarks[0].ljust(8, b"\0")))
    if at != len(data):
        raise FileFaultError("file_two_kinds")
    return b"".join(remarks)


def _png_chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes, int]]:
    """Name, content and end of each chunk whose checksum is right."""
    while len(data) - at >= 12:  # noqa: PLR2004 - length, name, checksum
        length = int.from_bytes(data[at : at + 4])
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            return
        yield data[at + 4 : at + 8], data[at + 8 : end - 4], end
        at = end


def _webp(data: bytes) -> bytes:
    size = int.from_bytes(data[4:8], "little")
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or size + 8 > len(data) or size % 2:
        raise FileFaultError("file_broken")
    if size + 8 < len(data):
        raise FileFaultError("file_two_kinds")
    chunks = list(_riff_chunks(data, 12))
    if not chunks or chunks[-1][2] != len(data):
        raise FileFaultError("file_broken")
    width_and_height = WEBP_SIZES.get(chunks[0][0])
    if width_and_height is None:
        raise FileFaultError("file_broken")
    _refuse_huge(*width_and_height(chunks[0][1].ljust(10, b"\0")))
    return b"".join(body for name, body, _ in chunks if name not in (b"VP8 ", b"VP8L", b"ALPH", b"ANMF"))


def _riff_chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bytes, int]]:
    while len(data) - at >= 8:  # noqa: PLR2004 - name and length
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if end > len(data):
            return
        yield data[at : at + 4], data[at + 8 : at + 8 + length], end
        at = end


def _lossy(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF


def _lossless(body: bytes) -> tuple[int, int]:
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _extended(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _pdf(data: bytes) -> bytes:
    """Whole from its first byte, and without what a reader would run, as far as that is in the open."""
    if not re.match(rb"%PDF-[12]\.\d", data):
        raise FileFaultError("file_broken")
    if not _PDF_TAIL.search(data, max(0, len(data) - HEAD)):
        raise FileFaultError("file_two_kinds" if b"%%EOF" in data else "file_broken")
    spelled = _PDF_BY_NUMBER.sub(lambda number: bytes.fromhex(number[1].decode()), data)
    if _PDF_ACTIVE.search(spelled):
        raise FileFaultError("file_active")
    return data[:HEAD]


def _refuse_huge(width: int, height: int) -> None:
    if not width or not height:
        raise FileFaultError("file_broken")
    if width * height > MOST_PIXELS:
        raise FileFaultError("file_pixels")


WEBP_SIZES: Mapping[bytes, Callable[[bytes], tuple[int, int]]] = {
    b"VP8 ": _lossy,
    b"VP8L": _lossless,
    b"VP8X": _extended,
}
WALKS: Mapping[Kind, Callable[[bytes], bytes]] = {JPEG: _jpeg, PNG: _png, WEBP: _webp, PDF: _pdf}
"""Each raises FileFaultError, or returns what the file holds besides its content proper."""
