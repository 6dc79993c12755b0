"""The report file that comes instead of values, or besides them."""

from app.files.models import StoredFile
from app.files.rules import Owner
from app.files.service import UploadLike, keep
from app.files.store import FileStore
from app.results.service.entering import At

PURPOSE = "result"


async def keep_report(at: At, store: FileStore, upload: UploadLike) -> StoredFile:
    """A PDF, checked wholly and kept for the request. Raises Invalid (`file`), Unavailable."""
    owner = Owner(PURPOSE, str(at.view.request.id))
    return await keep(at.session, store, upload, purpose=PURPOSE, owner=owner, by=at.by, at=at.now)
