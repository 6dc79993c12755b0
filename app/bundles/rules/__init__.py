"""What packages are, how a bundle's steps stand, and when they can begin. Pure."""

from app.bundles.rules.packages import MOST_STEPS, Order, Package, PackagesError, Step, faults_of, read_packages
from app.bundles.rules.standing import (
    Booking,
    Kind,
    Move,
    Planned,
    Standing,
    StepState,
    effective,
    next_number,
    standings,
)

__all__ = [
    "MOST_STEPS",
    "Booking",
    "Kind",
    "Move",
    "Order",
    "Package",
    "PackagesError",
    "Planned",
    "Standing",
    "Step",
    "StepState",
    "effective",
    "faults_of",
    "next_number",
    "read_packages",
    "standings",
]
