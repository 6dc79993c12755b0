"""The words of this room for what the database has by code."""

from collections.abc import Mapping

from app.bundles.following import Next, What
from app.bundles.offered import packages
from app.bundles.rules import StepState
from app.kit.i18n import LazyString, lazy, pgettext, tr
from app.kit.i18n import gettext as _

STATES: Mapping[StepState, tuple[LazyString, str]] = {
    StepState.WAITS: (lazy("Waits for other steps"), "plain"),
    StepState.BOOKABLE: (lazy("Can be booked"), "info"),
    StepState.BOOKED: (lazy("Under way"), "info"),
    StepState.DONE: (lazy("Done"), "good"),
    StepState.LEFT_OUT: (lazy("Left out"), "plain"),
}
REFUSALS: Mapping[str, LazyString] = {
    "step_waits": lazy("This step can be booked once the steps before it are done."),
    "step_closed": lazy("This can't be done now: the step has changed in the meantime. This is how it stands now."),
    "bundle_claimed": lazy("This package belongs to another organisation already."),
    "nothing_chosen": lazy("Tick at least one step that can be booked."),
}


def state_tag(state: StepState) -> tuple[str, str]:
    """A state as a tag: its words and its tone."""
    words, tone = STATES[state]
    return str(words), tone


def package_name(code: str) -> str:
    """Its name in the language of the moment; its code where the file has it no longer."""
    package = packages().named(code)
    return tr(package, "name") if package else code


def why(package: str, key: str) -> str:
    """Why a step is needed, as the file says today."""
    step = packages().step(package, key)
    return tr(step, "why") if step else ""


def next_words(following: Next) -> str:
    """What is to be done next, in one sentence."""
    if following.what is What.ANSWER:
        return _("The station waits for you: look at the request {reference}.").format(reference=following.reference)
    if following.what is What.BOOK:
        names = pgettext("between names", ", ").join(tr(step.service, "name") for step in following.steps)
        return _("Book: {services}").format(services=names)
    if following.what is What.WAIT:
        return _("Nothing to do now: what is booked goes on.")
    return _("Everything of this package is done.")
