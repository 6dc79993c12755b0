"""A request's life: its states, what may be done in each, what is written about it, and when it must be answered."""

from app.requests.rules.deadlines import Deadline, begin, read, workdays_between
from app.requests.rules.sentences import IT_IS_LATE, LINKS, MOVED_BECAUSE, ONLY_SOME, SENTENCES, TELLS, Event, sentence
from app.requests.rules.states import ENDED, FINISHED, LIVE, Action, State, Way, roll_up, way_of
from app.requests.rules.table import (
    TABLE,
    TO_ANOTHER_STATION,
    WHOLE_REQUEST,
    Back,
    Effect,
    Need,
    Party,
    Step,
    find_step,
    permission_of,
    steps_from,
)

__all__ = [
    "ENDED",
    "FINISHED",
    "IT_IS_LATE",
    "LINKS",
    "LIVE",
    "MOVED_BECAUSE",
    "ONLY_SOME",
    "REFERENCE_PREFIX",
    "SENTENCES",
    "SHORTEST_REASON",
    "TABLE",
    "TELLS",
    "TO_ANOTHER_STATION",
    "WHOLE_REQUEST",
    "Action",
    "Back",
    "Deadline",
    "Effect",
    "Event",
    "Need",
    "Party",
    "State",
    "Step",
    "Way",
    "begin",
    "find_step",
    "permission_of",
    "read",
    "roll_up",
    "sentence",
    "steps_from",
    "way_of",
    "workdays_between",
]

SHORTEST_REASON = 5
REFERENCE_PREFIX = "ZT"
