"""Messages about a request: read, written, their attachments saved; by the applicant and, in the office, by staff."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, File, Form, Path, Response, UploadFile
from fastapi.responses import HTMLResponse

from app.accounts.callers import allowed
from app.accounts.letterhead import Head
from app.accounts.rules.rights import Permission
from app.conversation.errors import ConversationClosed
from app.conversation.queries import attachment as find_attachment
from app.conversation.rules import Draft
from app.files.errors import FileMissing
from app.files.service import open_file
from app.files.store import FileStore
from app.kit.doors import Door
from app.kit.problems import Invalid, TooMany
from app.notify.letters import Letterhead
from app.requests.queries import RequestView
from app.requests.section import talk_of
from app.requests.showing import show
from app.requests.talk import about, say, side_of
from app.requests.visiting import FORM_AGAIN, OFFICE, Changing, Editor, FollowRoute, Looking, Visitor, see
from app.web.check import admit
from app.web.downloads import attachment

router = Door(route_class=FollowRoute)
READ, HANDLE, CHANGE = (
    Depends(allowed(each))
    for each in (Permission.REQUESTS_READ, Permission.REQUESTS_HANDLE, Permission.REQUESTS_CHANGE)
)
OWN, OF_OFFICE = "/r/{reference}/messages", f"{OFFICE}/{{reference}}/messages"
NOTE_FIELDS = ("note", "note_files")
Text = Annotated[str, Form(max_length=20_000)]
Files = Annotated[list[UploadFile] | None, File()]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get(OWN)
@router.get(OF_OFFICE, dependencies=[READ])
async def messages(visitor: Looking) -> HTMLResponse:
    """The messages on a page of their own. Raises what `Visitor.open` raises."""
    return await thread_page(visitor, await visitor.open())


@router.post(OWN)
async def ask(visitor: Changing, head: Head, text: Text = "", files: Files = None) -> Response:
    """A message of the applicant's."""
    draft = Draft(text, chosen(files))
    try:
        await admit(visitor.request, "message", visitor.now)
    except TooMany as problem:
        errors = {"": problem.sentence()}
        return await thread_page(visitor, await visitor.open(), errors=errors, typed={"text": text})
    return await written(visitor, head, draft)


@router.post(OF_OFFICE, dependencies=[CHANGE])
async def answer(visitor: Changing, head: Head, text: Text = "", files: Files = None) -> Response:
    """A message of the station's to the applicant."""
    return await written(visitor, head, Draft(text, chosen(files)))


@router.post(f"{OFFICE}/{{reference}}/notes", dependencies=[HANDLE])
async def note(visitor: Changing, head: Head, note: Text = "", note_files: Files = None) -> Response:
    """A note that stays inside."""
    draft = Draft(note, chosen(note_files), inside=True, fields=NOTE_FIELDS)
    return await written(replace(visitor, permission=Permission.REQUESTS_HANDLE), head, draft)


@router.get(f"{OWN}/{{n}}/files/{{file_id}}")
@router.get(f"{OF_OFFICE}/{{n}}/files/{{file_id}}", dependencies=[READ])
async def save(visitor: Looking, n: Number, file_id: UUID) -> Response:
    """An attachment, to be saved. Raises FileMissing, also for one of another message or that this side may not see."""
    view = await visitor.open()
    side = side_of(as_staff=visitor.as_staff)
    file = await find_attachment(visitor.session, about(view.request), side, n, file_id)
    if file is None:
        raise FileMissing
    store: FileStore = visitor.request.app.state.files
    parts = await open_file(store, file)
    return attachment(parts, name=file.name, media_type=file.media_type, size=file.size)


async def written(visitor: Editor, head: Letterhead, draft: Draft[UploadFile]) -> Response:
    """Back to the request, where the message stands; or the messages with what is wrong."""
    view = await visitor.open()
    store: FileStore = visitor.request.app.state.files
    try:
        posted = await say(
            visitor.session,
            store,
            view.request,
            draft,
            caller=visitor.caller,
            head=head,
            now=visitor.now,
            as_staff=visitor.as_staff,
        )
    except (Invalid, ConversationClosed) as problem:
        await visitor.session.rollback()
        faults = problem.errors if isinstance(problem, Invalid) else []
        errors = {fault.field: fault.sentence() for fault in faults} or {"": problem.sentence()}
        again = replace(visitor, permission=Permission.REQUESTS_READ)
        return await thread_page(again, await again.open(), errors=errors, typed={draft.fields[0]: draft.text})
    return see(f"{visitor.address()}#message-{posted.message.n}")


async def thread_page(
    visitor: Visitor,
    view: RequestView,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    context = {
        "view": view,
        "here_path": visitor.address(),
        "thread": await talk_of(visitor, view, errors=errors, typed=typed),
    }
    return show(visitor, "thread_page.html", context, status_code=FORM_AGAIN if errors else 200)


def chosen(files: list[UploadFile] | None) -> list[UploadFile]:
    """The files that were chosen: a browser sends a part without a name for a field that was left empty."""
    return [file for file in files or () if file.filename or file.size]
