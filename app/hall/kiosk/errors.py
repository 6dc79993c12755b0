"""What can go wrong with kiosks."""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound


class KioskUnknown(NotFound):
    """No kiosk has this secret, or it was revoked, or its station is closed down: nobody is told which."""

    code = "kiosk_unknown"
    detail = lazy("There is no kiosk at this address. Ask the station's manager for a new one.")


class StationShut(Conflict):
    code = "station_shut"
    detail = lazy("The hall is closed now: no tickets are given out.")
