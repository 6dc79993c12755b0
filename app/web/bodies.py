"""Bodies of calls that take JSON, or a form where files come along."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from sqlalchemy.exc import DBAPIError
from starlette.datastructures import FormData, UploadFile

from app.kit.problems import UnsupportedMedia

JSON, MULTIPART = "application/json", "multipart/form-data"
Said = TypeVar("Said", bound=BaseModel)


def is_form(request: Request) -> bool:
    return _media_type(request) == MULTIPART


async def json_of(request: Request, kind: type[Said]) -> Said:
    """The body as JSON. Raises UnsupportedMedia for another kind, RequestValidationError for what can't be read."""
    if _media_type(request) != JSON:
        raise UnsupportedMedia
    return judged(kind, read_json(await request.body()))


def read_json(text: str | bytes, *field: str) -> object:
    """Raises RequestValidationError, which names the field of a form where there is one."""
    try:
        return from_json(text)
    except ValueError as error:
        fault = {"type": "json_invalid", "loc": ("body", *field), "msg": "", "input": None}
        raise RequestValidationError([fault]) from error


def judged(kind: type[Said], body: object) -> Said:
    """Raises RequestValidationError, with an error for each field that is wrong."""
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None


@asynccontextmanager
async def form_of(request: Request) -> AsyncIterator[FormData]:
    """The form, its files at their beginning.

    They stay open when the database has refused: a route may then be run once more, with the same form.
    """
    form = await request.form()
    try:
        for file in _files(form):
            await file.seek(0)
        yield form
    except DBAPIError:
        raise
    except BaseException:
        await form.close()
        raise
    await form.close()


def parts_of(form: FormData, files: str) -> tuple[Mapping[str, str], list[UploadFile]]:
    """The texts that aren't empty, the last of a name, and the files of this name.

    A file of another name stands among the texts, so that it is refused as an unknown field is.
    """
    pairs = form.multi_items()
    texts = {name: value for name, value in pairs if isinstance(value, str) and value}
    unknown = {name: "" for name, value in pairs if isinstance(value, UploadFile) and name != files}
    return {**texts, **unknown}, [file for name, file in pairs if name == files and isinstance(file, UploadFile)]


def _files(form: FormData) -> Iterable[UploadFile]:
    return (value for _name, value in form.multi_items() if isinstance(value, UploadFile))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
