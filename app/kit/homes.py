"""Where an installation keeps what it writes, and a secret that it makes once for itself."""

import hashlib
import os
import secrets
import stat
from pathlib import Path


def home_of(project: Path) -> Path:
    """`var/` beside the code; for root, whose folders the database's own user may not enter, under /var/lib."""
    if os.geteuid() != 0 or _open_to_others(project):
        return project / "var"
    return Path("/var/lib/onestop") / hashlib.sha256(str(project).encode()).hexdigest()[:8]


def _open_to_others(folder: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.parents))


def kept_secret(path: Path) -> bytes:
    """What stands in this file, which is made when it isn't there; nobody else on the machine may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes().strip()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    return path.read_bytes().strip()
