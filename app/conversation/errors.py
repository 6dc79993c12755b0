"""What can go wrong with a message; what is wrong with a file is said by field (see app.files.service)."""

from app.kit.i18n import lazy
from app.kit.problems import Conflict


class ConversationClosed(Conflict):
    """What it is about is gone, or no longer names anybody who could read an answer."""

    code = "conversation_closed"
    detail = lazy("The contact data of this request have been deleted, so no more messages can be written about it.")
