"""What can be wrong about changing a setting.

Problem
├── NotFound 404     SettingUnknown
└── Conflict 409     SettingMoved
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class SettingUnknown(NotFound):
    """No such setting, or one of a place that is out of reach: both answer alike."""

    code = "setting_unknown"
    detail = lazy("There is no such setting.")


class SettingMoved(Conflict):
    """Somebody else has changed the setting since it was looked at."""

    code = "setting_moved"
    detail = lazy("Somebody has changed this setting in the meantime. Please look at it again.")
