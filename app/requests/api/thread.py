"""Messages about a request, for programs: JSON, or a multipart form where files come along."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.datastructures import UploadFile

from app.accounts.letterhead import Head
from app.accounts.rules.rights import Permission
from app.conversation.errors import ConversationClosed
from app.conversation.queries import Written, thread
from app.conversation.queries import attachment as find_attachment
from app.conversation.rules import MOST_FILES, Draft
from app.conversation.service import Posted
from app.files.errors import FileMissing
from app.files.service import open_file
from app.files.store import FileStore
from app.kit.clock import LOCAL
from app.kit.db import Reading, RetryingRoute, Writing
from app.kit.doors import Door
from app.kit.problems import FieldError, Invalid, problem_responses
from app.requests.access import Access, MayAccess, Now, as_json, slowed
from app.requests.api.one import UNKNOWN
from app.requests.talk import about, as_shown, say, side_of
from app.requests.talk_schemas import MessageIn, MessageOut, MessagesOut, Number
from app.web.bodies import JSON, MULTIPART, form_of, is_form, json_of, judged, parts_of
from app.web.check import admit
from app.web.downloads import attachment

router = Door(route_class=RetryingRoute)
SLOWED = [Depends(slowed)]
PATH = "/requests/{reference}/messages"
TEXTS: Mapping[str, Any] = {"text": {"type": "string", "maxLength": 4000}, "inside": {"type": "boolean"}}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"type": "object", "additionalProperties": False, "properties": TEXTS}},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        **TEXTS,
                        "files": {
                            "type": "array",
                            "maxItems": MOST_FILES,
                            "items": {"type": "string", "format": "binary"},
                        },
                    },
                }
            },
        },
    }
}


@router.get(PATH, response_model=MessagesOut, dependencies=SLOWED, responses=problem_responses(*UNKNOWN))
async def list_messages(access: MayAccess, session: Reading) -> Response:
    """What was written, as the caller may see it: no notes of staff for an applicant. Doesn't mark anything as read."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    request = seen.view.request
    found = await thread(session, about(request), side_of(as_staff=seen.as_staff))
    shown = as_shown(found, masked=seen.as_staff)
    described = [_described(each, request.reference, as_staff=seen.as_staff) for each in shown]
    return as_json({"messages": described, "unread": found.unread})


@router.post(
    PATH,
    status_code=201,
    response_model=MessageOut,
    dependencies=SLOWED,
    responses=problem_responses(*UNKNOWN, ConversationClosed),
    openapi_extra=BODY,
)
async def write_message(request: Request, access: MayAccess, session: Writing, head: Head, now: Now) -> Response:
    """Write to the other side, which gets a mail that says so; with `inside`, and as staff, a note."""
    if not access.caller.staff:
        await admit(request, "message", now)
    if not is_form(request):
        return await _write(request, access, await json_of(request, MessageIn), [], session=session, head=head)
    async with form_of(request) as form:
        texts, files = parts_of(form, "files")
        return await _write(request, access, judged(MessageIn, texts), files, session=session, head=head)


@router.get(
    f"{PATH}/{{n}}/files/{{file_id}}",
    response_class=Response,
    dependencies=SLOWED,
    responses={200: {"content": {"*/*": {}}}, **problem_responses(*UNKNOWN, FileMissing)},
)
async def get_file(request: Request, access: MayAccess, session: Reading, n: Number, file_id: UUID) -> Response:
    """An attachment, as a download."""
    seen = await access.open(session, Permission.REQUESTS_READ)
    side = side_of(as_staff=seen.as_staff)
    file = await find_attachment(session, about(seen.view.request), side, n, file_id)
    if file is None:
        raise FileMissing
    store: FileStore = request.app.state.files
    parts = await open_file(store, file)
    return attachment(parts, name=file.name, media_type=file.media_type, size=file.size)


async def _write(
    request: Request, access: Access, sent: MessageIn, files: Sequence[UploadFile], *, session: Writing, head: Head
) -> Response:
    needed = Permission.REQUESTS_HANDLE if sent.inside else Permission.REQUESTS_CHANGE
    seen = await access.open(session, needed)
    if sent.inside and not seen.as_staff:
        raise Invalid(errors=[FieldError("inside", "staff_only", "Only staff write notes that stay inside.")])
    store: FileStore = request.app.state.files
    draft = Draft(sent.text, files, inside=sent.inside)
    asked = seen.view.request
    posted = await say(
        session, store, asked, draft, caller=access.caller, head=head, now=access.now, as_staff=seen.as_staff
    )
    found = await thread(session, about(asked), side_of(as_staff=seen.as_staff))
    return as_json(_described(_of(posted, found.messages), asked.reference, as_staff=seen.as_staff), 201)


def _of(posted: Posted, messages: Sequence[Written]) -> Written:
    """What was just written, as it is read: in its own transaction it is there."""
    return next(each for each in reversed(messages) if each.n == posted.message.n)


def _described(message: Written, reference: str, *, as_staff: bool) -> dict[str, Any]:
    path = f"/api/v1/requests/{reference}/messages/{message.n}/files"
    return {
        "n": message.n,
        "at": message.at.astimezone(LOCAL).isoformat(),
        "side": message.side.value,
        "inside": message.inside,
        "text": message.text,
        "author": (message.author or None) if as_staff else None,
        "files": [
            {
                "id": str(file.id),
                "name": file.name,
                "media_type": file.media_type,
                "size": file.size,
                "href": f"{path}/{file.id}",
            }
            for file in message.files
        ],
    }
