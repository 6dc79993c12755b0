"""Setting up, looking at, changing and ending webhooks; another secret."""

from collections.abc import Sequence

from fastapi import Depends, Response

from app.accounts.callers import allowed
from app.accounts.ids import OrganisationId
from app.accounts.rules.rights import Permission
from app.kit.db import RetryingRoute
from app.kit.doors import Door
from app.kit.i18n import lazy
from app.kit.problems import FieldError, Invalid, NotFound, problem_responses
from app.notify.relaying.relay import installed
from app.webhooks.api.frame import (
    HERE,
    MAY,
    OF_ONE,
    OF_ORGANISATION,
    ONE,
    Acting,
    Asking,
    Looking,
    WebhookId,
    as_json,
    told,
)
from app.webhooks.asked import place_of, url_fault
from app.webhooks.errors import NotOffered, RobotError, TooManyWebhooks, WebhookEnded, WrongKind
from app.webhooks.queries import Reach, find, listed
from app.webhooks.rules.robots import WEBHOOK, Robot, read_robot
from app.webhooks.schemas import (
    NetworkWebhookIn,
    RobotIn,
    WebhookChange,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhooksPage,
)
from app.webhooks.service.managing import Place, Wanted
from app.webhooks.words import ROBOT

router = Door(route_class=RetryingRoute)
CREATED, GONE = 201, 204
ONE_OF_TWO = lazy("Give either the address of another system or that of a group's robot.")
OF_ROBOT = {"robot": "address", "sign": "sign"}
NAMES = {"county": "county_adcode", "station": "station_code"}
MANAGE = Depends(allowed(Permission.WEBHOOKS_MANAGE))


@router.get(HERE, response_model=WebhooksPage, dependencies=[MANAGE], responses=problem_responses(*MAY))
async def list_webhooks(asks: Looking) -> Response:
    """Those of administrators that lie within the caller's part of the network: first those that live."""
    return await _list(asks, asks.office)


@router.post(
    HERE,
    status_code=CREATED,
    response_model=WebhookMade,
    dependencies=[MANAGE],
    responses=problem_responses(*MAY, TooManyWebhooks, NotOffered),
)
async def make_webhook(asks: Acting, sent: NetworkWebhookIn) -> Response:
    """A new one of administrators. Its secret stands in this answer, and nowhere again."""
    place, faults = place_of(asks.office, asks.directory, sent.county_adcode, sent.station_code)
    named = [FieldError(NAMES[each.field], each.code, each.message) for each in faults]
    return await _make(asks, asks.office, sent, place, named)


@router.get(OF_ORGANISATION, response_model=WebhooksPage, responses=problem_responses(*MAY, NotFound))
async def list_webhooks_of_organisation(asks: Looking, organisation: OrganisationId) -> Response:
    """An organisation's, for its owners: first those that live."""
    return await _list(asks, asks.of_organisation(organisation))


@router.post(
    OF_ORGANISATION,
    status_code=CREATED,
    response_model=WebhookMade,
    responses=problem_responses(*MAY, NotFound, TooManyWebhooks, NotOffered),
)
async def make_webhook_of_organisation(asks: Acting, organisation: OrganisationId, sent: WebhookIn) -> Response:
    """A new one that tells of an organisation's requests. Its secret stands in this answer, and nowhere again."""
    return await _make(asks, asks.of_organisation(organisation), sent, Place(), [])


async def _list(asks: Asking, reach: Reach) -> Response:
    rows = await listed(asks.session, reach)
    return as_json({"items": [told(row, asks.directory) for row in rows], "next": None})


async def _make(asks: Asking, reach: Reach, sent: WebhookIn, place: Place, faults: Sequence[FieldError]) -> Response:
    """Raises Invalid with every field at fault, TooManyWebhooks."""
    wanted, wrong = await _wanted(asks, sent)
    if wanted is None or faults:
        raise Invalid(errors=[*wrong, *faults])
    made, secret = await asks.managing(reach).make(asks.directory.network, wanted, place)
    told_once = None if wanted.robot else secret
    return as_json({**await asks.whole(reach, made.id), "secret": told_once}, CREATED)


async def _wanted(asks: Asking, sent: WebhookIn) -> tuple[Wanted | None, Sequence[FieldError]]:
    """What is wanted, or what is wrong with it. Raises NotOffered."""
    if sent.url is not None and sent.robot is None:
        fault = await url_fault(sent.url, asks.outbound)
        return (None, [fault]) if fault else (Wanted(sent.name, sent.url, sent.types), [])
    if sent.robot is None or sent.url is not None:
        return None, [FieldError("url", "one_of_two", ONE_OF_TWO.msgid)]
    if not installed():
        raise NotOffered
    try:
        robot = _robot(sent.robot, "robot.")
    except Invalid as problem:
        return None, problem.errors
    return Wanted(sent.name, "", sent.types, robot, sent.language), []


def _robot(sent: RobotIn, below: str = "") -> Robot:
    """Raises Invalid, without repeating the secret."""
    try:
        return read_robot(sent.address, sent.sign)
    except RobotError as error:
        field, words = ROBOT[error.code]
        raise Invalid(errors=[FieldError(below + OF_ROBOT[field], error.code, words.msgid)]) from None


@router.get(ONE, response_model=WebhookOut, responses=problem_responses(*OF_ONE))
async def get_webhook(asks: Looking, webhook: WebhookId) -> Response:
    """One of them."""
    return as_json(await asks.whole(await asks.reach_of(webhook), webhook))


@router.patch(ONE, response_model=WebhookOut, responses=problem_responses(*OF_ONE, WebhookEnded, WrongKind))
async def change_webhook(asks: Acting, webhook: WebhookId, sent: WebhookChange) -> Response:
    """Change what is named. Who changes it answers for it from now on; its secret, or a group's robot, stays."""
    reach = await asks.reach_of(webhook)
    found = await find(asks.session, reach, webhook)
    if sent.url is not None and found.via != WEBHOOK:
        raise WrongKind
    if sent.url is not None and (fault := await url_fault(sent.url, asks.outbound)):
        raise Invalid(errors=[fault])
    types = found.types if sent.types is None else sent.types
    wanted = Wanted(sent.name or found.name, sent.url or found.url, types, None, sent.language or found.language)
    await asks.managing(reach).change(webhook, wanted)
    return as_json(await asks.whole(reach, webhook))


@router.put(
    f"{ONE}/robot",
    response_model=WebhookOut,
    responses=problem_responses(*OF_ONE, WebhookEnded, WrongKind),
)
async def replace_robot(asks: Acting, webhook: WebhookId, sent: RobotIn) -> Response:
    """Another robot for a group, maybe of another maker; what waits goes there."""
    reach = await asks.reach_of(webhook)
    await asks.managing(reach).readdress(webhook, _robot(sent))
    return as_json(await asks.whole(reach, webhook))


@router.post(f"{ONE}/rotate", response_model=WebhookMade, responses=problem_responses(*OF_ONE, WebhookEnded, WrongKind))
async def rotate_secret(asks: Acting, webhook: WebhookId) -> Response:
    """Another secret, told only in this answer. The one before signs beside it for 24 hours."""
    reach = await asks.reach_of(webhook)
    _found, secret = await asks.managing(reach).rotate(webhook)
    return as_json({**await asks.whole(reach, webhook), "secret": secret})


@router.delete(ONE, status_code=GONE, responses=problem_responses(*OF_ONE))
async def end_webhook(asks: Acting, webhook: WebhookId) -> Response:
    """End it: nothing more is sent. What was sent stays to be looked at for a while."""
    reach = await asks.reach_of(webhook)
    await asks.managing(reach).end(webhook)
    return Response(status_code=GONE)
