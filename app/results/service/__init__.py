"""What is done with results: entered, verified, issued, corrected, withdrawn."""

from app.results.service.entering import At, correct, enter, refuse, verify
from app.results.service.issuing import Press, issue, withdraw
from app.results.service.reports import keep_report

__all__ = ["At", "Press", "correct", "enter", "issue", "keep_report", "refuse", "verify", "withdraw"]
