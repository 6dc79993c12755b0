"""What can go wrong with the views that people keep."""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class ViewUnknown(NotFound):
    """There is no such view, or it is somebody else's."""

    code = "view_unknown"
    detail = lazy("There is no such view, or it is not yours to change.")


class ViewNameTaken(Conflict):
    code = "view_name_taken"
    detail = lazy("There is a view of this name already. Choose another name, or change the one there is.")


class TooManyViews(Conflict):
    code = "too_many_views"
    detail = lazy("There are as many views as can be kept. Delete one that is not needed any more.")
