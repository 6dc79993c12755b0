"""What is done with kiosks: made and revoked, given numbers ahead, and taking in what they have given out."""

from app.hall.kiosk.service.devices import Devices
from app.hall.kiosk.service.handing_in import GivenOut, HandedIn, HandingIn
from app.hall.kiosk.service.leases import Leases

__all__ = ["Devices", "GivenOut", "HandedIn", "HandingIn", "Leases"]
