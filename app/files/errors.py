"""What goes wrong with a file that is asked for; what is wrong with an upload is said by field (see service)."""

from app.kit.i18n import lazy
from app.kit.problems import NotFound


class FileMissing(NotFound):
    code = "file_missing"
    detail = lazy("This file is no longer there.")
