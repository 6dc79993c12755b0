"""What can go wrong with bundles.

Problem
├── NotFound 404     PackageUnknown, BundleUnknown, StepUnknown, ItemNotFound
└── Conflict 409     StepNotOptional, StepClosed, ItemTaken, BundleClaimed
    └── Refused      StepTaken, StepWaits: the request is not made either
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound
from app.requests.along import Refused


class PackageUnknown(NotFound):
    code = "package_unknown"
    detail = lazy("There is no package with this code.")


class BundleUnknown(NotFound):
    """No bundle with this reference, another access code, or out of reach: nobody is told which."""

    code = "bundle_unknown"
    detail = lazy("No package has this reference and access code. Please compare both with what you noted down.")


class BundleClaimed(Conflict):
    """Only told to who may open it."""

    code = "bundle_claimed"
    detail = lazy("This package belongs to another organisation already.")


class StepUnknown(NotFound):
    code = "step_unknown"
    detail = lazy("This package has no such step.")


class ItemNotFound(NotFound):
    """No such request, or nothing in it that a step could be."""

    code = "request_not_of_step"
    detail = lazy("No request of yours with this reference asks for the service of this step.")


class StepNotOptional(Conflict):
    code = "step_not_optional"
    detail = lazy("This step belongs to the package and can't be left out.")


class StepClosed(Conflict):
    """It is booked, done or left out: look at the bundle again."""

    code = "step_closed"
    detail = lazy("This can't be done now: the step has changed in the meantime. This is how it stands now.")


class StepWaits(Refused):
    code = "step_waits"
    detail = lazy("This step can be booked once the steps before it are done.")


class ItemTaken(Conflict):
    code = "request_in_package"
    detail = lazy("This request belongs to a step of a package already.")


class StepTaken(Refused):
    """Somebody was faster. Nothing was booked, so that nobody comes twice for the same thing."""

    code = "step_taken"
    detail = lazy(
        "Somebody has just booked or changed a step of your package, so this booking was not made and your time is "
        "still kept. Look at the package, or send it again as a booking of its own."
    )
