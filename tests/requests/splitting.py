"""A request of several items at one station, and another station for one of them."""

from tests.conftest import Clock
from tests.requests.booking import SERVICE, Booker, Json
from tests.requests.test_life_api import Answer, Life
from tests.support.people import People

SECOND = "MET-MEC-016"
WHY = "本站标准器送检"


async def booked_both(booker: Booker, station: str = "", **more: object) -> Json:
    """Item 1 is SERVICE, item 2 SECOND, in one visit some days ahead."""
    station, both = station or (await booker.both(SERVICE, SECOND))[0], (SERVICE, SECOND)
    held = await booker.hold(station, (await booker.starts(station, *both))[-1], both)
    body = await booker.filled_in(held, **more)
    body["items"].append({"service_code": SECOND, "inputs": await booker.some_answers(SECOND)})
    answer = await booker.send(body)
    assert answer.status_code == 201, answer.text
    booked: Json = answer.json()
    return booked


class Split(Life):
    """Such a request, with somebody of each role at its station."""

    def __init__(self, booker: Booker, people: People, clock: Clock, booked: Json) -> None:
        super().__init__(booker, people, clock, booked)
        self.own = str(booked["appointment"]["station_code"])
        self.there = ""

    async def held_there(self, service: str = SECOND) -> Json:
        """What is held for one service at another station that may do it."""
        others = await self.booker.designated(service=service)
        self.there = next(station for station in others if station != self.own)
        start = (await self.booker.starts(self.there, service))[-1]
        held = await self.booker.hold(self.there, start, (service,))
        return {name: held[name] for name in ("hold_id", "hold_token")}

    async def pass_on(self, n: int = 2, service: str = SECOND, **sent: object) -> Answer:
        """An item goes alone."""
        return await self.step("officer", "reroute", n, reason=WHY, **await self.held_there(service), **sent)

    async def other(self) -> Json:
        """What was split off, as JSON has it for who has the first one's code: its code is told there."""
        [told] = [each for each in (await self.shown())["linked"] if each["relation"] == "passed_on"]
        path = f"/api/v1/requests/{told['reference']}"
        return {**told, "links": {"self": path, "cancel": f"{path}/cancel"}}

    async def there_now(self) -> Json:
        """The same with its appointment and all else, as one that was booked."""
        other = await self.other()
        shown: Json = (await self.booker.show(other)).json()
        return {**shown, **other}
