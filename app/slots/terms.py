"""The rules of booking at each station: what the settings say, else what the installation says in its environment."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.config import Settings
from app.policy.booking import NONE_SET, BookingRules, Rule
from app.policy.snapshot import PolicyStore
from app.slots.rules import Terms
from app.stations.snapshot import StationFacts


@dataclass(frozen=True, slots=True)
class StationTerms:
    """The terms of every station at one state of the settings."""

    default: Terms
    rules: BookingRules = NONE_SET

    def of(self, station: StationFacts) -> Terms:
        found = self.rules.at(station.county_adcode, station.id)
        return replace(self.default, **{rule: each.number for rule, each in found.items()}) if found else self.default

    @property
    def horizon_days(self) -> int:
        """How many days ahead somebody could be booked anywhere, at most."""
        return self.rules.most(Rule.HORIZON, self.default.horizon_days)


Source = Callable[[], StationTerms]


def from_environment(settings: Settings) -> Terms:
    """The terms where nobody has set others."""
    booking, limits = settings.booking, settings.limits
    places = limits.holds_per_client if limits.on else None
    return Terms(booking.step_min, booking.lead_min, booking.horizon_days, booking.hold_min, places)


def by_policy(default: Terms, policies: PolicyStore) -> Source:
    """The terms as they are set when a network is read, with which the policy is read along."""
    return lambda: StationTerms(default, policies.latest.booking)


def fixed(default: Terms) -> Source:
    """The same terms at every station."""
    return lambda: StationTerms(default)
