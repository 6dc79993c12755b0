"""Instruments laid out as visits, purely: what goes together, and which stations do all of it with as few as can be."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as some

from app.ledger.rules.visits import Wish, batches, fewest, shared_out

COVERS = some.lists(some.frozensets(some.integers(0, 5), min_size=1), min_size=1, max_size=7)


def wish(n: int, service: str = "A", mode: str = "station", use: str | None = None) -> Wish[int]:
    return Wish(n, service, mode, use)


def test_what_depends_on_no_use_goes_along_with_the_largest_group_of_its_mode():
    wishes = [wish(1, use="safety"), wish(2, use="trade"), wish(3, use="trade"), wish(4, "C"), wish(5, "D", "onsite")]
    found = {(batch.mode, batch.use): [each.instrument for each in batch.wishes] for batch in batches(wishes, 10, 200)}
    assert found == {("station", "safety"): [1], ("station", "trade"): [2, 3, 4], ("onsite", None): [5]}


@given(services=some.lists(some.sampled_from("ABCDEFGHIJKLM"), max_size=60))
def test_no_batch_is_more_than_one_request_takes_and_nothing_is_lost(services: list[str]):
    found = batches([wish(n, service) for n, service in enumerate(services)], 3, 7)
    assert all(len(batch.wishes) <= 7 and len(batch.services) <= 3 for batch in found)
    assert sorted(each.instrument for batch in found for each in batch.wishes) == list(range(len(services)))


@given(covers=COVERS)
def test_there_is_no_way_with_fewer_stations(covers: list[frozenset[int]]):
    wanted = frozenset(range(6))
    reachable = frozenset().union(*covers) & wanted
    chosen = fewest(covers, wanted)
    assert frozenset().union(*(covers[place] for place in chosen)) & wanted == reachable
    for less in range(len(chosen)):
        for others in combinations(covers, less):
            assert not reachable <= frozenset().union(*others)
    shares = shared_out(covers, chosen, wanted)
    done = [service for share in shares.values() for service in share]
    assert sorted(done) == sorted(reachable)
    assert all(set(share) <= covers[place] for place, share in shares.items())


def test_of_equally_few_the_better_ones_are_chosen():
    one, two, both = frozenset({0}), frozenset({1}), frozenset({0, 1})
    assert fewest([one, both, both, two], both) == [1]
    assert fewest([one, two, one, two], both) == [0, 1]
    assert fewest([], both) == fewest([both], frozenset()) == []
