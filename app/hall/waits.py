"""tmp"""

from typing import NamedTuple


class Wait(NamedTuple):
    p50_min: int
    p90_min: int
