"""What becomes of a request of the demo: its steps by the portal's own table, until now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from app.demo.queue import Guest
from app.demo.world import DAY, MINUTE, Site, World
from app.policy.rules import Clock
from app.requests.rules import ENDED, Deadline, Event, Party, State, Way, begin
from app.stations.facts import ServiceFacts

HOUR = 60 * MINUTE
LATE = "演示：当日人手不足"
RETURNED, CANCELLED, DECLINED, REROUTED, REJECTED, SUSPENDED, UNCORRECTED = 0.09, 0.06, 0.03, 0.04, 0.02, 0.06, 0.15
RATED, WITH_WORDS, ARCHIVED = 0.45, 0.15, 0.55
LEVELS = (5, 4, 3, 2, 1)
HAPPY, UNHAPPY = (58, 28, 9, 3, 2), (18, 26, 27, 17, 12)
NEVER_LATE = frozenset({Event.REROUTED, Event.ARCHIVED, Event.RESULT_ENTERED, Event.VERIFIED, Event.DELIVERED})
WORDS: Mapping[int, tuple[str, ...]] = {
    5: ("演示评价：办理很快，工作人员耐心。", "演示评价：一次办好，很方便。"),
    4: ("演示评价：总体满意。",),
    3: ("演示评价：等候时间稍长。",),
    2: ("演示评价：排队太久。",),
    1: ("演示评价：比承诺的时间晚了好几天。",),
}


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    kind: Event
    data: Mapping[str, Any]
    state: State
    deadline: Deadline | None
    by_station: bool


@dataclass
class Booking:
    """A visit that was asked for, at a desk of a site; `origin` is where it was asked for first, if elsewhere."""

    site: Site
    service: ServiceFacts
    mode: str
    way: Way
    start: datetime
    end: datetime
    origin: Site | None = None


@dataclass
class Life:
    """A request's steps. `given_up` is when its time at the desk was given back; `moved` when it came from `origin`."""

    world: World
    booking: Booking
    now: datetime
    steps: list[Step] = field(default_factory=list)
    given_up: datetime | None = None
    moved: datetime | None = None
    deadline: Deadline | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    rating: tuple[int, str | None, datetime] | None = None

    @property
    def state(self) -> State:
        return self.steps[-1].state

    @property
    def comes(self) -> bool:
        """Whether the appointment stands on its day."""
        return self.given_up is None

    def take(
        self,
        at: datetime,
        kind: Event,
        state: State,
        data: Mapping[str, Any] = MappingProxyType({}),
        *,
        by_station: bool = True,
    ) -> None:
        """One more step, unless it lies in the future. What comes late says so."""
        if at > self.now:
            return
        told = {**data, **({"by": Party.STATION.value} if by_station else {})}
        if by_station and kind not in NEVER_LATE and self._late(at):
            told["late_reason"] = LATE
        self._wind(at, kind, state)
        self.steps.append(Step(at, kind, told, state, self.deadline, by_station))

    def _late(self, at: datetime) -> bool:
        due = self.deadline and self.deadline.due(self.world.network.calendar)
        return bool(due and due[0] < at)

    def _wind(self, at: datetime, kind: Event, state: State) -> None:
        """The clock after the step, as requests.service.planning has it."""
        calendar = self.world.network.calendar
        if kind in (Event.SUBMITTED, Event.REROUTED):
            self.deadline = self._begin(Clock.FIRST_ANSWER, at)
        elif kind in (Event.RECEIVED, Event.ARRIVED) or (kind is Event.STARTED and self.deadline is None):
            self.deadline = self._begin(Clock.WORK, at)
        elif kind in (Event.CORRECTED, Event.RESUMED):
            self.deadline = self.deadline and self.deadline.resume(at)
        elif state in (State.RETURNED, State.SUSPENDED, State.CANCELLED):
            self.deadline = self.deadline and self.deadline.pause(at, calendar)
        elif state in ENDED or kind in (Event.ACCEPTED, Event.CHECKED_IN, Event.NO_SHOW):
            self.deadline = None

    def _begin(self, clock: Clock, at: datetime) -> Deadline | None:
        booking = self.booking
        station = (booking.origin or booking.site).station if not self.moved else booking.site.station
        return begin(clock, self.world.policy.allowance(clock, booking.service, booking.mode, station), at)

    def ask(self) -> None:
        """From sending it to the day of the visit."""
        world, booking, random = self.world, self.booking, self.world.random
        lead = min(1 + int(random.expovariate(0.3)), 14)
        sent = (booking.start - lead * DAY).replace(hour=random.randint(7, 20), minute=random.randrange(60))
        first = booking.origin or booking.site
        place = {"start": booking.start.isoformat(), "station": first.station.code}
        self.take(sent, Event.SUBMITTED, State.SUBMITTED, place, by_station=False)
        at = world.at_work(sent + random.expovariate(1 / (2.5 * first.slow)) * HOUR)
        if booking.origin:
            self.moved = max(min(at, booking.start - 20 * HOUR), sent + HOUR / 2)
            told = {"old_station": first.station.code, "old_start": place["start"], "reason": "演示：就近办理"}
            place |= {"station": booking.site.station.code}
            self.take(self.moved, Event.REROUTED, State.SUBMITTED, told | place)
            at = world.at_work(self.moved + random.expovariate(1 / (2.5 * booking.site.slow)) * HOUR)
        if booking.mode != "station":
            at = min(at, booking.start - 2 * HOUR)  # nobody travels, or calls, before having accepted
        if at < booking.start - HOUR:
            self._answer(at)

    def _answer(self, at: datetime) -> None:
        world, booking, random = self.world, self.booking, self.world.random
        chance = random.random()
        if chance < DECLINED:
            self.take(at, Event.DECLINED, State.DECLINED, {"reason": "演示：该型号暂不能检定"})
            self.given_up = at
            return
        if chance < DECLINED + RETURNED:
            fault = {"field": "items.1.serial_no", "wanted": "演示：请补充出厂编号"}
            self.take(at, Event.RETURNED, State.RETURNED, {"count": 1, "faults": [fault]})
            corrected = at + random.uniform(1, 20) * HOUR
            at = world.at_work(corrected + random.expovariate(0.4) * HOUR)
            if random.random() < UNCORRECTED or at > booking.start - HOUR:
                self._give_up(at)
                return
            self.take(corrected, Event.CORRECTED, State.SUBMITTED, by_station=False)
        self.take(at, Event.ACCEPTED, State.SCHEDULED)
        if random.random() < CANCELLED:
            self._give_up(at + random.random() * (booking.start - at))

    def _give_up(self, at: datetime) -> None:
        at = min(at, self.booking.start - HOUR)
        if self.steps[-1].at < at:
            self.take(at, Event.CANCELLED, State.CANCELLED, by_station=False)
            self.given_up = at

    def miss(self) -> None:
        """Nobody comes."""
        self.take(self.booking.end + self.world.random.randint(5, 60) * MINUTE, Event.NO_SHOW, State.NO_SHOW)

    def visit(self, guest: Guest | None) -> None:
        """The visit itself, at the counter or elsewhere, and what comes of it."""
        booking, way = self.booking, self.booking.way
        began = guest.started if guest and guest.started else booking.start
        ended = guest.ended if guest and guest.ended else booking.end
        if way is Way.ONSITE:
            self.take(began - 40 * MINUTE, Event.DISPATCHED, State.DISPATCHED)
            self.take(began, Event.ARRIVED, State.ARRIVED)
        elif way is not Way.ONLINE:
            self.take(guest.came if guest else began, Event.CHECKED_IN, State.CHECKED_IN)
        if way is not Way.HANDED_IN:
            self.take(began + MINUTE, Event.STARTED, State.IN_PROGRESS)
            self._finish(ended)
        elif self.world.random.random() < REJECTED:
            self.take(ended, Event.ITEM_REJECTED, State.ITEM_REJECTED, {"reason": "演示：样品损坏"})
        else:
            self.take(ended, Event.RECEIVED, State.RECEIVED)
            self._work(ended)

    def _work(self, at: datetime) -> None:
        world, random = self.world, self.world.random
        at = world.workdays_after(at, random.randint(0, 2)) + random.randint(10, 90) * MINUTE
        self.take(at, Event.STARTED, State.IN_PROGRESS)
        if random.random() < SUSPENDED:
            at = world.workdays_after(at, 1)
            self.take(at, Event.SUSPENDED, State.SUSPENDED, {"reason": "演示：等待标准物质"})
            at = world.workdays_after(at, random.randint(1, 4))
            self.take(at, Event.RESUMED, State.IN_PROGRESS)
        days = self.deadline.days if self.deadline else 5
        share = random.betavariate(3, 3) * (1.7 if self.booking.site.overloaded else 1.2)
        self._finish(world.workdays_after(at, max(int(days * share), 1)) + random.randint(0, 60) * MINUTE)

    def _finish(self, at: datetime) -> None:
        world, random = self.world, self.world.random
        if self.booking.service.result is None:
            self.take(at, Event.FINISHED, State.DONE)
        elif {"window", "officer"} <= self.booking.site.staff.keys():
            at = self._issue(at)
        else:
            return  # nobody is there who could enter and verify
        if at <= self.now and random.random() < RATED:
            level = random.choices(LEVELS, UNHAPPY if self.booking.site.overloaded else HAPPY)[0]
            words = random.choice(WORDS[level]) if random.random() < WITH_WORDS else None
            self.rating = level, words, min(at + random.uniform(0.5, 60) * HOUR, self.now - timedelta(minutes=1))
        if random.random() < ARCHIVED:
            self.take(world.workdays_after(at, random.randint(3, 6)), Event.ARCHIVED, State.ARCHIVED)

    def _issue(self, at: datetime) -> datetime:
        """By two people, from what was found to the document; when it was issued."""
        random = self.world.random
        verified = at + random.randint(10, 50) * MINUTE
        issued = verified + random.randint(2, 30) * MINUTE
        self.take(at, Event.RESULT_ENTERED, State.RESULT_ENTERED)
        self.take(verified, Event.VERIFIED, State.VERIFIED)
        self.take(issued, Event.ISSUED, State.ISSUED)
        return issued
