"""What this room refuses.

NotFound
└── WebhookUnknown      404  there is none, or not one of the caller's
Conflict
├── WebhookEnded        409  it has ended: nothing more is sent, or changed about it
├── TooManyWebhooks     409  so many are kept already
└── PingedJustNow       409  a test is still on its way
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class WebhookUnknown(NotFound):
    code = "webhook_unknown"
    detail = lazy("There is no such webhook, or it is not yours.")


class WebhookEnded(Conflict):
    code = "webhook_ended"
    detail = lazy("This webhook has ended. Set up a new one for the address.")


class TooManyWebhooks(Conflict):
    """Raised with `most`."""

    code = "too_many_webhooks"
    detail = lazy("There are {most} webhooks already. End one that is no longer needed.")


class PingedJustNow(Conflict):
    code = "pinged_just_now"
    detail = lazy("A test is still on its way. Wait for what becomes of it.")
