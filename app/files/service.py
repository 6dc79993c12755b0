"""Taking files in, giving them out, and tidying up.

The bytes are written before the row, under a name that nobody can guess and nothing refers to yet; the row comes with
the caller's transaction. So a row without bytes can't be, and bytes without a row, which a transaction that failed
leaves behind, are found by `sweep` a day later.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import LiteralString, Protocol
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from app.files.errors import FileMissing
from app.files.models import StoredFile
from app.files.rules import PDF, PURPOSES, Kind, Owner, clean_name, named_as
from app.files.store import KIB, PART, FileStore
from app.files.structure import FileFaultError, kind_of
from app.kit.db import Database
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid

ORPHAN_AFTER = timedelta(days=1)

_SENTENCES = {
    "file_missing": lazy("Choose a file."),
    "file_empty": lazy("This file is empty. Please choose another one."),
    "file_too_large": lazy("This file is larger than {most}. Please choose a smaller one."),
    "file_kind": lazy(
        "Only PDF files and pictures (JPEG, PNG, WebP) can be taken. Please convert this one, or scan it."
    ),
    "file_picture": lazy("Only pictures (JPEG, PNG, WebP) can be taken here. Please take a photo and choose that one."),
    "file_name": lazy("The ending of “{name}” doesn't fit what the file is. Please rename it to end in .{ending}."),
    "file_broken": lazy("This file is damaged or incomplete. Please open it, save it anew and choose it again."),
    "file_two_kinds": lazy(
        "This file holds more than the document or picture itself, which isn't safe to take. A “live” photo does so "
        "too: please take a plain one, or open the file, save it anew and choose it again."
    ),
    "file_active": lazy("This PDF holds a program. Please print it to a new PDF file and choose that one."),
    "file_pixels": lazy("This picture has too many pixels. Please make it smaller."),
}
SENTENCES: Mapping[str, str] = {code: sentence.msgid for code, sentence in _SENTENCES.items()}

LIVING: LiteralString = """
    SELECT id FROM stored_file WHERE id = ANY (%s) AND (deleted_at IS NULL OR deleted_at > %s)
"""


class UploadLike(Protocol):
    """What a form hands over; Starlette's UploadFile is one."""

    @property
    def filename(self) -> str | None: ...

    async def read(self, size: int = -1, /) -> bytes: ...


async def keep(
    session: AsyncSession,
    store: FileStore,
    upload: UploadLike,
    *,
    purpose: str,
    owner: Owner,
    by: UUID | None,
    at: datetime,
    field: str = "file",
) -> StoredFile:
    """Check an upload wholly, write its bytes, and add its row in the session's transaction.

    `purpose` is a key of PURPOSES; `by` the person, or None for a visitor. Raises Invalid with the one error of the
    `field` (codes: see SENTENCES), and Unavailable when the store is away.
    """
    data = await _read(upload, store.most, field)
    name, kind = await asyncio.to_thread(_examine, upload.filename, data, PURPOSES[purpose], field)
    file = StoredFile(
        id=uuid4(),
        name=name,
        media_type=kind.media_type,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        purpose=purpose,
        owner_kind=owner.kind,
        owner_id=owner.id,
        uploaded_by=by,
        created_at=at,
    )
    await store.put(file.id, data)
    session.add(file)
    await session.flush()
    return file


async def open_file(store: FileStore, file: StoredFile) -> AsyncIterator[bytes]:
    """The bytes of a file, in parts. Raises FileMissing before the first, when it was deleted or its bytes are gone.

    Whether the caller may see the file is asked before: by `queries.find_file`, which takes its owner.
    """
    if file.deleted_at is not None:
        raise FileMissing
    try:
        return await store.open(file.id)
    except FileNotFoundError:
        raise FileMissing from None


async def remove(session: AsyncSession, file: StoredFile, at: datetime) -> None:
    """Take a file away from its owner; the sweep takes the bytes away a day later."""
    file.deleted_at = at
    await session.flush()


async def sweep(database: Database, store: FileStore, now: datetime, *, dry_run: bool = False) -> Sequence[UUID]:
    """Delete the bytes of uploads that never came to be, and of files deleted, if older than a day; returns which."""
    limit = now - ORPHAN_AFTER
    gone: list[UUID] = []
    async for ids in store.older_than(limit):
        living = {row[0] for row in await database.fetch(LIVING, (ids, limit))}
        gone += [file_id for file_id in ids if file_id not in living]
    if not dry_run:
        for file_id in gone:
            await store.delete(file_id)
    return gone


async def _read(upload: UploadLike, most: int, field: str) -> bytes:
    """All bytes; stops reading as soon as there are too many."""
    parts, size = [], 0
    while part := await upload.read(PART):
        parts.append(part)
        size += len(part)
        if size > most:
            raise _refused(field, "file_too_large", most=_in_words(most))
    if not size:
        raise _refused(field, "file_empty" if upload.filename else "file_missing")
    return b"".join(parts)


def _examine(given: str | None, data: bytes, allowed: tuple[Kind, ...], field: str) -> tuple[str, Kind]:
    try:
        kind = kind_of(data, allowed)
    except FileFaultError as error:
        only_pictures = error.code == "file_kind" and PDF not in allowed
        raise _refused(field, "file_picture" if only_pictures else error.code) from None
    clean = clean_name(given)
    name = named_as(clean, kind)
    if name is None:
        raise _refused(field, "file_name", name=clean, ending=kind.endings[0])
    return name, kind


def _refused(field: str, code: str, **data: object) -> Invalid:
    return Invalid(errors=[FieldError(field, code, SENTENCES[code], data)])


def _in_words(size: int) -> str:
    return f"{size // KIB // KIB} MiB" if size % (KIB * KIB) == 0 else f"{size // KIB} KiB"
