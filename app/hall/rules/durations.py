"""How long a service takes at a desk: lognormal, learnt from past servings, at first what the catalogue plans. Pure.

Times at a counter are skewed to the right and well described by a lognormal (Brown et al., Statistical Analysis of a
Telephone Call Center, JASA 100, 2005, section 4). So one learns from the logarithms of minutes.

**Shrinking.** With few servings one trusts the catalogue, with many what was seen: mean and variance of the logarithms
have the conjugate normal-inverse-chi-squared prior, worth `PRIOR_SERVINGS` servings (Gelman et al., Bayesian Data
Analysis, 3rd edition, section 3.3):

    kappa_n = kappa_0 + n        mu_n = (kappa_0 mu_0 + n mean) / kappa_n
    kappa_n var_n = kappa_0 var_0 + m2 + kappa_0 n (mean - mu_0)^2 / kappa_n

and the mean itself stays in doubt with variance var_n / kappa_n. That doubt is kept apart from the spread: servings of
one day may be long or short by chance each for itself, but if the belief is wrong, it is wrong for all of them.
"""

from collections.abc import Iterable
from math import exp, hypot, log, log1p, sqrt
from typing import NamedTuple

PRIOR_SERVINGS = 8.0
PRIOR_VARIATION = 0.5  # standard deviation over mean, usual at counters
# A press of the key by mistake, and a desk that forgot to press it, say nothing about a service.
SHORTEST_MIN, LONGEST_MIN = 0.5, 480.0


class Duration(NamedTuple):
    """Minutes whose natural logarithm is normal with standard deviation `sigma` (above 0) about a mean that is `mu`
    give or take `doubt` (a standard deviation, the same for all servings).
    """

    mu: float
    sigma: float
    doubt: float = 0.0

    @property
    def spread(self) -> float:
        """The standard deviation of ln(minutes) of one serving, the doubt included."""
        return hypot(self.sigma, self.doubt)

    @property
    def mean_min(self) -> float:
        return exp(self.mu + self.spread**2 / 2)

    @property
    def median_min(self) -> float:
        return exp(self.mu)


class Past(NamedTuple):
    """Past servings of one service at one station: how many, the mean of ln(minutes) and the sum of squares about it.

    In SQL: count, avg and var_pop * count of ln(minutes), minutes cut to `SHORTEST_MIN` and `LONGEST_MIN`.
    """

    n: int = 0
    mean: float = 0.0
    m2: float = 0.0

    def and_also(self, other: "Past") -> "Past":
        """Both together, by the update of Chan, Golub and LeVeque (The American Statistician 37, 1983)."""
        n = self.n + other.n
        if n == 0:
            return self
        apart = other.mean - self.mean
        mean = self.mean + apart * other.n / n
        return Past(n, mean, self.m2 + other.m2 + apart**2 * self.n * other.n / n)


def past(minutes: Iterable[float]) -> Past:
    """What servings of so many minutes teach."""
    found = Past()
    for each in minutes:
        found = found.and_also(Past(1, log(min(max(each, SHORTEST_MIN), LONGEST_MIN))))
    return found


def planned(mean_min: float, variation: float = PRIOR_VARIATION) -> Duration:
    """The lognormal with that mean in minutes (above 0) and that coefficient of variation.

    Raises ValueError for a mean that isn't above 0.
    """
    variance = log1p(variation**2)
    return Duration(log(mean_min) - variance / 2, sqrt(variance))


def learnt(duration_min: float, seen: Past) -> Duration:
    """How long the next serving takes of a service for which the catalogue plans `duration_min`, after those seen."""
    prior = planned(duration_min)
    weight = PRIOR_SERVINGS + seen.n
    mu = (PRIOR_SERVINGS * prior.mu + seen.n * seen.mean) / weight
    apart = PRIOR_SERVINGS * seen.n * (seen.mean - prior.mu) ** 2 / weight
    variance = (PRIOR_SERVINGS * prior.sigma**2 + seen.m2 + apart) / weight
    return Duration(mu, sqrt(variance), sqrt(variance / weight))
