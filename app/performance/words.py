"""What figures are called, and what each of them counts, in a sentence."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy
from app.performance.rules import By, Measure

PERFORMANCE = "/office/performance"
"""Where its pages lie."""
BY: Mapping[By, LazyString] = {
    By.DAY: lazy("By day"),
    By.WEEK: lazy("By week"),
    By.MONTH: lazy("By month"),
    By.COUNTY: lazy("By county"),
    By.STATION: lazy("By station"),
    By.SERVICE: lazy("By service"),
}
NAMES: Mapping[str, LazyString] = {
    "requests": lazy("Requests"),
    "appointments": lazy("Appointments"),
    "walk_ins": lazy("Walk-ins"),
    "served": lazy("Served"),
    "no_shows": lazy("No-shows"),
    "no_show_rate": lazy("No-show rate"),
    "wait_p50": lazy("Wait, half at most (min)"),
    "wait_p90": lazy("Wait, nine of ten at most (min)"),
    "service_p50": lazy("At the desk, half at most (min)"),
    "service_p90": lazy("At the desk, nine of ten at most (min)"),
    "answer_p50": lazy("First answer, half at most (h)"),
    "answer_p90": lazy("First answer, nine of ten at most (h)"),
    "on_time_rate": lazy("On time"),
    "returns": lazy("Returns"),
    "reroutes": lazy("Passed on"),
    "utilisation": lazy("Desks in use"),
    "rating": lazy("Rating"),
}
MEASURES: Mapping[Measure, LazyString] = {
    Measure.REQUESTS: lazy("Requests"),
    Measure.SERVED: lazy("Served"),
    Measure.NO_SHOWS: lazy("No-shows"),
    Measure.WAIT: lazy("Wait, half at most (min)"),
}
