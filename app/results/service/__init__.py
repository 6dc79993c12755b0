"""What is done with results: entered, verified, issued, corrected, withdrawn."""

from app.results.service.entering import At, correct, enter, refuse, report, verify
from app.results.service.issuing import Press, issue, withdraw

__all__ = ["At", "Press", "correct", "enter", "issue", "refuse", "report", "verify", "withdraw"]
