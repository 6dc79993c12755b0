"""What this room refuses.

NotFound
└── WebhookUnknown      404  there is none, or not one of the caller's
Conflict
├── WebhookEnded        409  it has ended: nothing more is sent, or changed about it
├── WrongKind           409  a group's robot is asked for what only another system has, or the other way round
├── NotOffered          409  this installation can't tell groups
├── TooManyWebhooks     409  so many are kept already
└── PingedJustNow       409  a test is still on its way

RobotError                   an address of a group's robot that nothing is sent to; `code` says why
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class WebhookUnknown(NotFound):
    code = "webhook_unknown"
    detail = lazy("There is no such webhook, or it is not yours.")


class WebhookEnded(Conflict):
    code = "webhook_ended"
    detail = lazy("This webhook has ended. Set up a new one for the address.")


class WrongKind(Conflict):
    code = "webhook_wrong_kind"
    detail = lazy("A group's robot has an address of its own; another system has an address and a secret.")


class NotOffered(Conflict):
    code = "groups_not_offered"
    detail = lazy("This installation doesn't tell groups. Its operator can install what is needed for it.")


class TooManyWebhooks(Conflict):
    """Raised with `most`."""

    code = "too_many_webhooks"
    detail = lazy("There are {most} webhooks already. End one that is no longer needed.")


class PingedJustNow(Conflict):
    code = "pinged_just_now"
    detail = lazy("A test is still on its way. Wait for what becomes of it.")


class RobotError(ValueError):
    """An address of a robot that isn't one; `code` says why, without repeating it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
