"""A file is wholly what it begins as; every trick that makes it two things at once is refused by name."""

import struct
import zlib
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from app.files.rules import JPEG as JPEG_KIND
from app.files.rules import SCANS
from app.files.structure import FileFaultError, kind_of
from tests.files.samples import JFIF, JPEG, PDF, TRUE, WEBP, archive, chunk, jpeg_with, png, riff, riff_chunk, segment

HTML = b"<html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
GIF = b"GIF89a\x01\0\x01\0\0\0\0;"


def refused(data: bytes) -> str:
    with pytest.raises(FileFaultError) as fault:
        kind_of(data, SCANS)
    return fault.value.code


@pytest.mark.parametrize("media_type", TRUE)
def test_a_true_file_is_known_by_its_content(media_type: str):
    assert kind_of(TRUE[media_type], SCANS).media_type == media_type


def test_a_kind_is_taken_only_where_it_is_allowed():
    assert kind_of(JPEG, (JPEG_KIND,)) is JPEG_KIND
    with pytest.raises(FileFaultError, match="file_kind"):
        kind_of(png(), (JPEG_KIND,))


@pytest.mark.parametrize(
    "data",
    [
        HTML,
        SVG,
        b"\n\n" + SVG,
        GIF,
        archive(),
        b"MZ\x90\0",
        b"\x7fELF",
        b"#!/bin/sh\n",
        b"<?php ?>",
        b"name,phone\n",
        b"\xef\xbb\xbf%PDF-1.4",
        b"\xff",
        b"\0" * 100,
        GIF + JPEG,
        HTML + JPEG,
        b" " + JPEG,
        archive() + JPEG,
        HTML + PDF,
        b"\n" + PDF,
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_begins_otherwise_is_no_such_file(data: bytes):
    assert refused(data) == "file_kind"


@pytest.mark.parametrize("media_type", TRUE)
@pytest.mark.parametrize("behind", [HTML, archive(), b"Rar!\x1a\x07\0", b"<?php", GIF, b"x"], ids=lambda b: repr(b[:6]))
def test_nothing_may_stand_behind_the_end(media_type: str, behind: bytes):
    assert refused(TRUE[media_type] + behind) == "file_two_kinds"


@pytest.mark.parametrize("media_type", TRUE)
def test_a_file_that_ends_early_is_broken(media_type: str):
    data = TRUE[media_type]
    codes = {refused(data[:length]) for length in range(len(data) - 8)}
    assert codes <= {"file_broken", "file_kind"}
    assert refused(data[:-8]) == "file_broken"


@pytest.mark.parametrize("markup", [HTML, SVG, b"<SCRIPT\n>", b"<img src=x onerror=alert(1)>", b"<?php eval($x);"])
@pytest.mark.parametrize(
    "hide",
    [
        lambda body: jpeg_with(segment(0xFE, body)),
        lambda body: jpeg_with(segment(0xE1, b"Exif\0\0" + body)),
        lambda body: png(1, 1, chunk(b"tEXt", b"Comment\0" + body)),
        lambda body: png(1, 1, chunk(b"hiDe", body)),
        lambda body: riff(WEBP[12:], riff_chunk(b"XMP ", body)),
        lambda body: PDF.replace(b"\n1 0 obj", b"\n%" + body.replace(b"\n", b" ") + b"\n1 0 obj"),
    ],
    ids=["jpeg-remark", "jpeg-exif", "png-text", "png-chunk", "webp-xmp", "pdf-head"],
)
def test_no_markup_hides_in_the_remarks(hide: Callable[[bytes], bytes], markup: bytes):
    assert refused(hide(markup)) == "file_two_kinds"


def test_an_archive_inside_of_the_remarks_is_found():
    inside = archive()
    zipped = inside[:-2] + struct.pack("<H", 2)  # an archive whose own remark is the end of the picture
    assert refused(jpeg_with(segment(0xFE, zipped))) == "file_two_kinds"
    assert refused(png(1, 1, chunk(b"hiDe", inside))) == "file_two_kinds"


def test_a_picture_that_is_a_script_too_is_found():
    """ÿØÿà is a name to JavaScript, and a length of 0x2F2A the start of a remark."""
    script = JPEG[:2] + b"\xff\xe0/*" + JFIF[4:].ljust(0x2F2A - 2, b"\0") + segment(0xFE, b"*/=alert(1)/*") + JPEG[20:]
    assert refused(script) == "file_two_kinds"


def test_a_bomb_of_an_archive_is_never_unpacked(monkeypatch: pytest.MonkeyPatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("unpacked")

    bomb = archive(10_000_000)
    monkeypatch.setattr(zlib, "decompressobj", never)
    monkeypatch.setattr(zlib, "decompress", never)
    monkeypatch.setattr("zipfile.ZipFile", SimpleNamespace)
    assert refused(bomb) == "file_kind"
    assert refused(png() + bomb) == "file_two_kinds"
    assert kind_of(png(), SCANS).media_type == "image/png"


@pytest.mark.parametrize(
    "data",
    [
        png(60_000, 60_000),
        JPEG.replace(bytes.fromhex("ffc0000b0800010001"), bytes.fromhex("ffc0000b08ffffffff")),
        riff(riff_chunk(b"VP8X", bytes(4) + b"\xff\xff\0\xff\xff\0"), WEBP[12:]),
    ],
    ids=["png", "jpeg", "webp"],
)
def test_a_picture_that_would_fill_the_memory_of_its_reader_is_refused(data: bytes):
    assert refused(data) == "file_pixels"


@pytest.mark.parametrize(
    "data",
    [
        png(0, 1),
        png().replace(b"IHDR", b"IHDX"),
        png()[:-4] + b"\0\0\0\0",
        png()[:33] + chunk(b"IEND"),
        JPEG[:2] + JPEG[-2:],
        JPEG[:20] + segment(0xC0, b"") + JPEG[20:],
        JPEG[:20] + b"\xff\xd8" + JPEG[20:],
        JPEG[:20] + b"\xff\xfe\0\x01" + JPEG[20:],
        riff(b""),
        riff(riff_chunk(b"XMP ", b"none of the pixels")),
        WEBP[:4] + b"\0\0\0\0" + WEBP[8:12],
        PDF.replace(b"%%EOF", b"%%EOL"),
    ],
    ids=range(12),
)
def test_a_structure_that_does_not_hold_is_refused(data: bytes):
    assert refused(data) in {"file_broken", "file_two_kinds"}


@pytest.mark.parametrize("action", [b"/S/JavaScript/JS(1)", b"/S /Launch /F (cmd.exe)", b"/Subtype /RichMedia"])
def test_a_document_that_runs_something_is_refused(action: bytes):
    assert refused(PDF.replace(b"/Type/Catalog", b"/Type/Catalog/OpenAction<<" + action + b">>")) == "file_active"


def test_pictures_as_phones_and_programs_write_them_are_taken():
    assert kind_of(JPEG + JPEG, SCANS) is JPEG_KIND, "several in one file"
    assert kind_of(JPEG + b"\0\0\0" + JPEG + b"\0", SCANS) is JPEG_KIND, "padded"
    assert kind_of(jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>")), SCANS)
    assert kind_of(jpeg_with(segment(0xE1, b"Exif\0\0" + JPEG)), SCANS), "with a small one inside"
    assert kind_of(png(1, 1, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<rdf:RDF/>")), SCANS)
    assert kind_of(riff(riff_chunk(b"VP8X", bytes(10)), riff_chunk(b"EXIF", b"odd"), WEBP[12:]), SCANS)
    assert kind_of(riff(riff_chunk(b"VP8L", b"/\0\0\0\0\0")), SCANS)
    assert kind_of(PDF + b"\r\n\0\0", SCANS)
