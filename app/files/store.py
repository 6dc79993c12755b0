"""Where the bytes are: a folder or a bucket, by one interface, under names that say nothing."""

import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from app.config import Settings
from app.kit.problems import Unavailable

KIB = 1024
PART = 256 * KIB
LISTED_AT_ONCE = 500
_OURS = re.compile(r"[0-9a-f]{2}/([0-9a-f]{32})")


class FileStore:
    """Objects named by the random id of their row, none larger than `most` bytes.

    Reading and writing raise Unavailable while the store is away.
    """

    def __init__(self, objects: ObjectStore, most: int) -> None:
        self._objects = objects
        self.most = most

    async def put(self, file_id: UUID, data: bytes) -> None:
        try:
            await obstore.put_async(self._objects, _path(file_id), data, mode="create")
        except (BaseError, OSError) as error:
            raise Unavailable from error

    async def open(self, file_id: UUID) -> AsyncIterator[bytes]:
        """The bytes in parts, once they are found. Raises FileNotFoundError."""
        try:
            found = await obstore.get_async(self._objects, _path(file_id))
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            raise Unavailable from error
        stream = found.stream(min_chunk_size=PART)

        async def parts() -> AsyncIterator[bytes]:
            async for part in stream:
                yield bytes(part)

        return parts()

    async def older_than(self, moment: datetime) -> AsyncIterator[list[UUID]]:
        """The ids of what was written before a moment, some at a time. What isn't named as ours isn't ours."""
        async for listed in obstore.list(self._objects, chunk_size=LISTED_AT_ONCE):
            named = [(_OURS.fullmatch(each["path"]), each["last_modified"]) for each in listed]
            if old := [UUID(name[1]) for name, modified in named if name and modified < moment]:
                yield old

    async def delete(self, file_id: UUID) -> None:
        with suppress(FileNotFoundError):  # another process tidies up too
            await obstore.delete_async(self._objects, _path(file_id))


def store_of(settings: Settings) -> FileStore:
    """As the settings say; a folder is made for this user alone. A bucket's keys come from AWS_* variables."""
    group = settings.files
    url = group.files_url or str(settings.home / "files")
    most = group.file_max_kib * KIB
    if url.startswith("s3://"):
        return FileStore(from_url(url), most)
    folder = Path(url.removeprefix("file://"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return FileStore(LocalStore(folder), most)


def _path(file_id: UUID) -> str:
    return f"{file_id.hex[:2]}/{file_id.hex}"
