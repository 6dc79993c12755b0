"""Letters about a request's life: what they say, when they are due, and handing them over with what they tell of."""

from app.requests.letters.choosing import Step
from app.requests.letters.facts import Facts, News
from app.requests.letters.posting import Letters, To, to_applicant
from app.requests.letters.wording import letter

__all__ = ["Facts", "Letters", "News", "Step", "To", "letter", "to_applicant"]
