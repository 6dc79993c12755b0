"""What can go wrong with feeds."""

from app.kit.i18n import lazy
from app.kit.problems import Conflict


class FeedInUse(Conflict):
    """There is one already: its address can't be shown again, but another one can be made instead."""

    code = "feed_in_use"
    detail = lazy("This calendar has an address already. If you don't have it any more, make a new one.")
