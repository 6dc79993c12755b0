"""Making and revoking the addresses of kiosks. Who may, the doors have asked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.service import Actor, Object, record
from app.hall.kiosk.models import HallDevice
from app.kit.ids import hash_secret, new_id, new_secret
from app.kit.problems import NotFound


class Devices:
    """The kiosks of one station, in the session's transaction."""

    def __init__(self, session: AsyncSession, station_id: int, actor: Actor, now: datetime) -> None:
        self._session = session
        self._station_id = station_id
        self._actor = actor
        self._now = now

    async def make(self, name: str) -> str:
        """A new kiosk; its secret, which is shown to nobody again."""
        secret = new_secret()
        device = HallDevice(
            id=new_id(),
            station_id=self._station_id,
            name=name,
            token_hash=hash_secret(secret),
            created_at=self._now,
        )
        self._session.add(device)
        await self._session.flush()
        await record(self._session, self._actor, "kiosk.made", self._object(device), at=self._now, after={"name": name})
        return secret

    async def revoke(self, device_id: UUID) -> None:
        """End one at once. Raises NotFound, also when somebody has just done so."""
        in_use = HallDevice.revoked_at.is_(None), HallDevice.token_hash.is_not(None)
        here = HallDevice.id == device_id, HallDevice.station_id == self._station_id, *in_use
        ended = update(HallDevice).where(*here).values(revoked_at=self._now).returning(HallDevice)
        device: HallDevice | None = await self._session.scalar(ended)
        if device is None:
            raise NotFound
        before = {"name": device.name}
        await record(self._session, self._actor, "kiosk.revoked", self._object(device), at=self._now, before=before)

    def _object(self, device: HallDevice) -> Object:
        return Object("kiosk", str(device.id), self._station_id)
