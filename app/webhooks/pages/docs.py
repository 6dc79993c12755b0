"""What the makers of other systems need to know, with an example that is made as real ones are."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from fastapi import Request
from fastapi.responses import HTMLResponse

from app.kit.doors import Door
from app.kit.i18n import gettext as _
from app.kit.i18n import pgettext
from app.web.templating import page
from app.webhooks.rules.kinds import KINDS, PING, kind_words
from app.webhooks.rules.sending import PAUSES, body_of, headers_of

router = Door()
HOUR, MINUTE = 3600, 60
AT = datetime(2026, 12, 1, 1, tzinfo=UTC)
DATA = {
    "reference": "ZT-7K3M-9QXA",
    "n": 2,
    "status": "scheduled",
    "station_code": "WH-YJ-01",
    "items": [{"n": 1, "service_code": "MET-MEC-015", "status": "scheduled"}],
}
NO_SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # noqa: S105 - of the example, for everybody to try
RECEIVER = """from fastapi import FastAPI, HTTPException, Request
from standardwebhooks import Webhook, WebhookVerificationError

app = FastAPI()
hook = Webhook("whsec_…")

@app.post("/onestop")
async def take(request: Request) -> None:
    try:
        event = hook.verify(await request.body(), dict(request.headers))
    except WebhookVerificationError:
        raise HTTPException(400) from None
    print(event["type"], event["data"]["reference"])"""


@router.get("/docs/webhooks")
async def docs(request: Request) -> HTMLResponse:
    context = {
        "kinds": [*((kind, str(words)) for kind, words in KINDS.items()), (PING, kind_words(PING))],
        "example": example(request.app.state.settings.address),
        "pauses": pgettext("list", ", ").join(map(_length, PAUSES)),
        "code": RECEIVER,
    }
    return page(request, "webhooks/docs.html", context)


def example(address: str) -> str:
    """A request as it arrives: head and body."""
    body = body_of("request.accepted", AT, DATA, address)
    headers = headers_of(UUID(int=7), body, [NO_SECRET], AT)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    pretty = orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    return "\n".join(["POST /onestop HTTP/1.1", *lines, "", pretty])


def _length(pause: timedelta) -> str:
    seconds = int(pause.total_seconds())
    if seconds >= HOUR:
        return _("{n} h").format(n=seconds // HOUR)
    return _("{n} min").format(n=seconds // MINUTE) if seconds >= MINUTE else _("{n} s").format(n=seconds)
