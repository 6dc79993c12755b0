"""What can go wrong with instruments.

Problem
├── Invalid 422      every field at fault; too many instruments at once
├── NotFound 404     InstrumentUnknown, ImportUnknown
└── Conflict 409     InstrumentChanged, InstrumentTwice, InstrumentRetired, InstrumentsBooked, ImportTaken, LedgerFull
"""

from app.kit.i18n import lazy
from app.kit.problems import Conflict, NotFound
from app.requests.along import Refused


class InstrumentUnknown(NotFound):
    code = "instrument_unknown"
    detail = lazy("Your organisation has no such instrument.")


class InstrumentChanged(Conflict):
    """Somebody else was faster. `version` is the one that is in force."""

    code = "instrument_changed"
    detail = lazy("Somebody has changed this instrument since you opened it. Please look at it as it is now.")


class InstrumentTwice(Conflict):
    """The organisation has one in use with the same number, manufacturer and model."""

    code = "instrument_twice"
    detail = lazy("Your ledger has an instrument in use with this serial number, manufacturer and model already.")


class InstrumentRetired(Conflict):
    code = "instrument_retired"
    detail = lazy("This instrument is out of use. Put it to use again first.")


class InstrumentsBooked(Refused):
    """Of what was to be booked, some is booked already, by a colleague a moment ago perhaps."""

    code = "instruments_booked"
    detail = lazy("Already booked, perhaps by a colleague just now: {names}. Please choose again without them.")


class ImportUnknown(NotFound):
    """Gone after a day, or never there."""

    code = "import_unknown"
    detail = lazy("There is no such file any more. One that was not taken in is deleted after a day.")


class ImportTaken(Conflict):
    code = "import_taken"
    detail = lazy("This file was taken in already, or has no row that can be.")


class LedgerFull(Conflict):
    code = "ledger_full"
    detail = lazy("A ledger holds up to {most} instruments. Please ask the operator if you have more.")
