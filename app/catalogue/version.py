"""Which version the network has now: one statement for all who ask in the same moment."""

from collections.abc import Mapping, Sequence

from app.kit.batch import Batcher
from app.kit.db import Database


class NetworkVersion:
    """`get()` is never older than the moment in which it is called; triggers raise the version (see the migration)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batcher: Batcher[None, int] = Batcher(self._load)

    async def get(self) -> int:
        return await self._batcher.get(None)

    async def _load(self, keys: Sequence[None]) -> Mapping[None, int]:
        [(version,)] = await self._database.fetch("SELECT version FROM network_state", ())
        return dict.fromkeys(keys, version)
