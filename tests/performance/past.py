"""A random past of two stations."""

from datetime import datetime, timedelta
from random import Random

from app.stations.snapshot import Network
from tests.performance.history import MINUTE, MONDAY, History, Sent

HOUR = 60 * MINUTE


async def some_past(history: History, network: Network, random: Random) -> list[Sent]:
    """Requests that go on as requests may, visits and appointments, spread over the days."""
    services = [each.id for each in network.services[:4]]
    sent = []
    for _ in range(random.randint(1, 5)):
        at = MONDAY + random.randint(0, 5) * timedelta(days=1) + random.randint(0, 400) * MINUTE
        sent.append(await history.submit(random.randint(0, 1), random.sample(services, random.randint(1, 3)), at))
        await go_on(history, sent, random, at)
    for n in range(random.randint(0, 6)):
        at = MONDAY + random.randint(0, 5) * timedelta(days=1) + 60 * n * MINUTE
        given_up = random.choice([None, None, -HOUR, HOUR])
        mode = random.choice(["station", "onsite"])
        await history.appointment(random.randint(0, 1), random.sample(services, 2), at, given_up, mode)
        parts = [(random.randint(0, 30), random.random() < 0.3) for _ in range(random.randint(0, 3))]
        await history.visit(
            random.randint(0, 1), random.sample(services, random.randint(1, 2)), at, random.randint(0, 60), parts,
            booked=random.choice([None, None, 10, -10]), continues=random.random() < 0.2,
        )  # fmt: skip
    return sent


async def go_on(history: History, sent: list[Sent], random: Random, at: datetime) -> None:
    """What becomes of the last request, over the days after."""
    one = sent[-1]
    for _ in range(random.randint(0, 5)):
        at += random.randint(1, 2000) * MINUTE
        late = random.random() < 0.3
        kind = random.choice(["accepted", "returned", "no_show", "checked_in", "move", "split", "finish"])
        if kind == "move":
            await history.move(one, at, random.choice(["rerouted", "escalated"]))
        elif kind == "split" and len(one.services) > 1:
            sent.append(await history.split(one, at))
        elif kind == "finish":
            await history.finish(one, at, late=late)
        elif kind != "split":
            await history.answer(one, kind, at, late=late)
    if random.random() < 0.5:
        await history.rate(one, random.randint(1, 5), at + HOUR)
