"""Small true files of each kind, and the means to spoil them."""

import io
import struct
import zipfile
import zlib
from base64 import b64decode
from dataclasses import dataclass, field

SIGNATURE = b"\x89PNG\r\n\x1a\n"
JFIF = bytes.fromhex("ffe000104a46494600010100000100010000")

# One pixel each.
JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQ"
    "Ew8QEBD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
)
WEBP = b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
PDF = (
    b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
    b"<</Type/Pages/Kids[]/Count 0>>\n"
    b"endobj\nxref\n0 3\n0000000000 65535 f \n0000000015 00000 n \n0000000060 00000 n \n"
    b"trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n107\n%%EOF\n"
)


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 1, height: int = 1, *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return SIGNATURE + head + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND")


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(*segments: bytes) -> bytes:
    """The picture with further segments behind its first one."""
    return JPEG[:2] + JFIF + b"".join(segments) + JPEG[2 + len(JFIF) :]


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def archive(size: int = 10) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        # With a date of its own: the moment would be in the name of a test, which all workers must collect alike.
        entry = zipfile.ZipInfo("index.html", (2026, 1, 1, 0, 0, 0))
        file.writestr(entry, b"\0" * size, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


TRUE = {"application/pdf": PDF, "image/jpeg": JPEG, "image/png": png(), "image/webp": WEBP}


@dataclass
class Upload:
    """What a form hands over, and how much of it was read."""

    data: bytes
    filename: str | None = "licence.png"
    taken: int = field(default=0, init=False)

    async def read(self, size: int = -1, /) -> bytes:
        part = self.data[self.taken :] if size < 0 else self.data[self.taken : self.taken + size]
        self.taken += len(part)
        return part
