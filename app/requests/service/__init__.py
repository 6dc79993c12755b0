"""What is done with requests: handed in, moved, cancelled, looked at unmasked."""

from app.requests.service.changes import Changes
from app.requests.service.refreshing import DueDates
from app.requests.service.revealing import reveal
from app.requests.service.submissions import Receipt, Submissions

__all__ = ["Changes", "DueDates", "Receipt", "Submissions", "reveal"]
