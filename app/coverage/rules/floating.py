"""Accessibility by floating catchments: what is on offer near a place, for each of those who share it. Pure.

Two steps (Luo and Wang 2003): a station's offer is divided by everybody within its catchment; a place then has the sum
of these shares of all stations within the same distance. The enhanced form (Luo and Qi 2009) counts who is farther away
for less, both times, by three zones of the catchment.
"""

import numpy as np

from app.coverage.rules.ways import Pairs
from app.kit.geo import Floats

ZONES = 3
SLOW_DECAY = (1.0, 0.68, 0.22)
"""Weights of the zones, from near to far: the slower of the two sets of Luo and Qi, for what people rarely need."""


def accessibility(pairs: Pairs, supply: Floats, demand: Floats, *, within_km: float, enhanced: bool) -> Floats:
    """For each demand point [n], how much of the supply [s] there is for one unit of demand [n], in the supply's unit.

    `pairs` are those not farther apart than `within_km`. What nobody lives near is nobody's.
    """
    weights = _decay(pairs.km, within_km) if enhanced else np.ones(len(pairs.km))
    around = np.bincount(pairs.station, weights * demand[pairs.point], minlength=len(supply))
    shares = np.divide(supply, around, out=np.zeros(len(supply)), where=around > 0)
    return np.bincount(pairs.point, weights * shares[pairs.station], minlength=len(demand)).astype(np.float64)


def _decay(km: Floats, within_km: float) -> Floats:
    zone = (
        np.minimum((km * (ZONES / within_km)).astype(np.int64), ZONES - 1) if within_km > 0 else np.zeros(len(km), int)
    )
    return np.array(SLOW_DECAY)[zone]
