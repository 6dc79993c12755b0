"""Looking at a file that somebody has sent, beside everything else that the process does. For doors."""

import threading

from anyio import to_thread
from starlette.datastructures import UploadFile

from app.demand.registers.errors import FileError
from app.ledger.entries import Reader
from app.ledger.files.checking import MOST_BYTES, Checked, check

ONE_AT_A_TIME = threading.Lock()
"""A file takes a processor for some seconds: never two at once."""


async def looked_at(file: object, reader: Reader) -> Checked:
    """Every row of it. Raises FileError for no file and for what is no table of instruments."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise FileError("missing")
    data = await file.read(MOST_BYTES + 1)

    def work() -> Checked:
        with ONE_AT_A_TIME:
            return check(data, reader)

    return await to_thread.run_sync(work)
