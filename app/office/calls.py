"""What the doors of the office are called with: the time, the network's places, a session that may write."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends

from app.accounts.letterhead import Head
from app.kit import clock
from app.kit.db import Reading, Writing
from app.office.places import Places
from app.stations.directory import CurrentDirectory

Now = Annotated[datetime, Depends(clock.now)]


async def places(directory: CurrentDirectory) -> Places:
    return Places(directory)


CurrentPlaces = Annotated[Places, Depends(places)]


class Changing:
    """What a form that changes something needs, besides the call and the caller."""

    def __init__(self, session: Writing, places: CurrentPlaces, head: Head, now: Now) -> None:
        self.session = session
        self.places = places
        self.head = head
        self.now = now


Change = Annotated[Changing, Depends()]


class Looking:
    """What a page that only shows needs, besides the call and the caller."""

    def __init__(self, session: Reading, places: CurrentPlaces, now: Now) -> None:
        self.session = session
        self.places = places
        self.now = now


Look = Annotated[Looking, Depends()]
