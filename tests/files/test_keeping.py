"""Row and bytes agree, whatever happens in between; what agrees with nothing is swept away."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from obstore.exceptions import GenericError
from obstore.store import LocalStore, MemoryStore

from app.config import FileSettings
from app.files.errors import FileMissing
from app.files.models import StoredFile
from app.files.queries import files_of, find_file
from app.files.retention import RULES
from app.files.rules import Owner
from app.files.service import SENTENCES, keep, open_file, remove, sweep
from app.files.store import FileStore, store_of
from app.kit.db import Database, WriteSession
from app.kit.i18n import use_locale
from app.kit.problems import Invalid, Unavailable
from app.kit.retention import apply, count_due
from tests.conftest import make_settings
from tests.files.samples import JPEG, PDF, TRUE, Upload, png

AT = datetime(2026, 12, 1, 1, tzinfo=UTC)
OURS = Owner("organisation", str(uuid4()))
MOST = 64 * 1024
DAY = timedelta(days=1)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """The folder is what most installations have; memory stands for what is no folder, a bucket for example."""
    (tmp_path / "files").mkdir()
    objects = LocalStore(tmp_path / "files") if request.param == "folder" else MemoryStore()
    return FileStore(objects, MOST)


@pytest.fixture
async def filed(database: Database) -> AsyncIterator[Database]:
    yield database
    await database.fetch("DELETE FROM stored_file", ())


async def put(session: WriteSession, store: FileStore, data: bytes = JPEG, name: str | None = "执照.jpg") -> StoredFile:
    return await keep(session, store, Upload(data, name), purpose="evidence", owner=OURS, by=None, at=AT)


async def whole(store: FileStore, file: StoredFile) -> bytes:
    return b"".join([part async for part in await open_file(store, file)])


async def stored(store: FileStore) -> set[UUID]:
    later = datetime.now(UTC) + DAY
    return {file_id async for ids in store.older_than(later) for file_id in ids}


async def refusal(session: WriteSession, store: FileStore, upload: Upload) -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        await keep(session, store, upload, purpose="evidence", owner=OURS, by=None, at=AT, field="evidence")
    [error] = refused.value.errors
    assert await stored(store) == set(), "nothing was written"
    return error.field, error.code


@pytest.mark.parametrize("media_type", TRUE)
async def test_a_file_comes_back_as_it_was(session: WriteSession, store: FileStore, media_type: str):
    person = uuid4()
    upload = Upload(TRUE[media_type], "执照")
    file = await keep(session, store, upload, purpose="evidence", owner=OURS, by=person, at=AT)
    assert await whole(store, file) == TRUE[media_type]
    assert (file.media_type, file.size, file.purpose) == (media_type, len(TRUE[media_type]), "evidence")
    assert file.sha256 == hashlib.sha256(TRUE[media_type]).digest()
    assert (file.owner_kind, file.owner_id, file.uploaded_by, file.created_at) == (OURS.kind, OURS.id, person, AT)
    assert file.name.startswith("执照.")


async def test_a_large_file_comes_in_parts(session: WriteSession, tmp_path: Path):
    store = FileStore(LocalStore(tmp_path), 8 * 1024 * 1024)
    data = PDF.replace(b"endobj", b"endobj\n%" + b"x" * 3_000_000 + b"\n", 1)
    file = await put(session, store, data, "a.pdf")
    assert await whole(store, file) == data


async def test_the_store_says_nothing_of_name_owner_or_time(session: WriteSession, tmp_path: Path):
    file = await put(session, FileStore(LocalStore(tmp_path), MOST))
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]  # noqa: ASYNC240 - a test
    assert path.relative_to(tmp_path).as_posix() == f"{file.id.hex[:2]}/{file.id.hex}"
    assert file.id.version == 4


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", None, "file_missing"),
        (b"", "", "file_missing"),
        (b"", "a.pdf", "file_empty"),
        (b"<svg/>", "a.svg", "file_kind"),
        (b"<svg/>", "a.png", "file_kind"),
        (png(), "a.pdf", "file_name"),
        (png(), "a.php.png", "file_name"),
        (png(), "photo\u202egnp.exe", "file_name"),
        (png() + b"PK", "a.png", "file_two_kinds"),
        (png()[:-1], "a.png", "file_broken"),
        (png(60_000, 60_000), "a.png", "file_pixels"),
        (PDF.replace(b"/Kids[]", b"/Kids[]/AA<</S/JavaScript>>"), "a.pdf", "file_active"),
        (png().ljust(MOST + 1, b"\0"), "a.png", "file_too_large"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_a_refused_upload_is_named_at_its_field_and_leaves_nothing(
    session: WriteSession, store: FileStore, data: bytes, name: str | None, code: str
):
    assert await refusal(session, store, Upload(data, name)) == ("evidence", code)
    assert await files_of(session, OURS) == []


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
async def test_every_refusal_is_a_whole_sentence_in_both_languages(
    session: WriteSession, store: FileStore, locale: str
):
    with pytest.raises(Invalid) as refused:
        await put(session, store, b"x" * (MOST + 1))
    with use_locale(locale):
        sentence = refused.value.errors[0].sentence()
    assert "64 KiB" in sentence
    assert ("请" in sentence) == (locale == "zh-CN")
    assert len(SENTENCES) == 10


async def test_reading_stops_where_it_is_too_much(session: WriteSession, store: FileStore):
    upload = Upload(b"x" * 100 * MOST, "a.png")
    assert (await refusal(session, store, upload))[1] == "file_too_large"
    assert upload.taken < 10 * MOST


async def test_the_largest_file_that_fits_is_taken(session: WriteSession, store: FileStore):
    data = PDF.replace(b"endobj", b"endobj\n%" + b"x" * (MOST - len(PDF) - 3) + b"\n", 1)
    assert len(data) == MOST
    assert (await put(session, store, data, "a.pdf")).size == MOST


async def test_an_unknown_purpose_is_a_mistake_of_ours(session: WriteSession, store: FileStore):
    with pytest.raises(KeyError):
        await keep(session, store, Upload(JPEG), purpose="avatar", owner=OURS, by=None, at=AT)


async def test_another_owner_does_not_find_it(session: WriteSession, store: FileStore):
    file = await put(session, store)
    assert await find_file(session, file.id, OURS) is file
    assert await find_file(session, file.id, Owner("organisation", str(uuid4()))) is None
    assert await find_file(session, file.id, Owner("request", OURS.id)) is None
    assert await find_file(session, uuid4(), OURS) is None
    assert await files_of(session, OURS) == [file]


async def test_a_removed_file_is_not_found_and_not_given_out(session: WriteSession, store: FileStore):
    file = await put(session, store)
    await remove(session, file, AT)
    assert await find_file(session, file.id, OURS) is None
    assert await files_of(session, OURS) == []
    with pytest.raises(FileMissing):
        await open_file(store, file)


async def test_bytes_that_are_gone_are_said_to_be_before_any_is_sent(session: WriteSession, store: FileStore):
    file = await put(session, store)
    await store.delete(file.id)
    await store.delete(file.id)
    with pytest.raises(FileMissing):
        await open_file(store, file)


async def test_a_store_that_is_away_is_an_ordinary_answer(
    session: WriteSession, store: FileStore, monkeypatch: pytest.MonkeyPatch
):
    async def away(*_: object, **__: object) -> None:
        raise GenericError("bucket at 10.0.0.1")

    file = await put(session, store)
    monkeypatch.setattr("obstore.put_async", away)
    monkeypatch.setattr("obstore.get_async", away)
    with pytest.raises(Unavailable):
        await put(session, store)
    with pytest.raises(Unavailable):
        await open_file(store, file)


async def test_a_transaction_that_fails_leaves_bytes_that_the_sweep_takes_away(filed: Database, store: FileStore):
    async with filed.writer() as session:
        kept = await put(session, store)
        await session.commit()
    async with filed.writer() as session:
        lost = await put(session, store)
        await session.rollback()
    assert await stored(store) == {kept.id, lost.id}
    now = datetime.now(UTC)
    assert await sweep(filed, store, now) == [], "it may still be on its way"
    assert await sweep(filed, store, now + DAY, dry_run=True) == [lost.id]
    assert await stored(store) == {kept.id, lost.id}, "only looked at"
    assert await sweep(filed, store, now + DAY) == [lost.id]
    assert await stored(store) == {kept.id}
    assert await whole(store, kept) == JPEG


async def test_the_bytes_of_a_removed_file_go_a_day_later(filed: Database, store: FileStore):
    now = datetime.now(UTC)
    async with filed.writer() as session:
        file = await put(session, store)
        await remove(session, file, now + DAY)
        await session.commit()
    assert await sweep(filed, store, now + DAY) == []
    assert await sweep(filed, store, now + 2 * DAY) == [file.id]
    assert await filed.fetch("SELECT count(*) FROM stored_file", ()) == [(1,)], "the trace stays"


async def test_the_sweep_leaves_alone_what_is_not_named_as_ours(filed: Database, tmp_path: Path):
    for name in ("README", "ab/notes.txt", "ab/" + "g" * 32):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("not ours")
    assert await sweep(filed, FileStore(LocalStore(tmp_path), MOST), datetime.now(UTC) + 9 * DAY) == []


def test_the_folder_is_for_this_user_alone(database_url: str, tmp_path: Path):
    store_of(make_settings(database_url, tmp_path))
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("given", ["http://files.example", "relative/path", "s3://", "memory:///"])
def test_files_go_nowhere_else(given: str):
    with pytest.raises(ValueError, match="files_url"):
        FileSettings(files_url=given)


@pytest.mark.parametrize("url", ["{folder}/up", "file://{folder}/up"])
async def test_a_folder_is_named_by_path_or_url(database_url: str, tmp_path: Path, url: str):
    settings = make_settings(database_url, tmp_path)
    settings.files = FileSettings(files_url=url.format(folder=tmp_path))
    await store_of(settings).put(uuid4(), b"x")
    assert os.listdir(tmp_path) == ["up"]  # noqa: PTH208 - its names alone


async def test_the_trace_of_a_removed_file_goes_after_half_a_year(filed: Database, store: FileStore):
    async with filed.writer() as session:
        removed, _kept = await put(session, store), await put(session, store)
        await remove(session, removed, AT)
        await session.commit()
    assert [each.count for each in await count_due(filed, RULES, AT + 180 * DAY)] == [0]
    later = AT + 181 * DAY
    assert [each.count for each in await count_due(filed, RULES, later)] == [1]
    assert [each.count for each in await apply(filed, RULES, later)] == [1]
    assert await filed.fetch("SELECT deleted_at FROM stored_file", ()) == [(None,)]
