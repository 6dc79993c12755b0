"""What is done with requests: handed in, moved, cancelled, looked at unmasked."""

from app.requests.service.changes import Changes
from app.requests.service.refreshing import DueDates
from app.requests.service.revealing import reveal
from app.requests.service.submissions import Receipt, Submissions
from app.requests.service.watching import DeadlineWatch

__all__ = ["Changes", "DeadlineWatch", "DueDates", "Receipt", "Submissions", "reveal"]
