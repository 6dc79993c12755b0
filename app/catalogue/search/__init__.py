"""Search over the catalogue in people's own words: Chinese, synonyms, pinyin, initials, English, codes, slips.

Pure: no SQL, no HTTP, no clock. Build one `SearchIndex` of all entries (about 0.2 s for 193) and keep it until the
catalogue changes.

From a text to an answer: `fold` gives it one spelling, `query` takes off what says nothing; `forms` lists every
spelling of every name, `suffixes` and `table` find the names of which some tail begins with what was typed; `grams`
finds what shares pairs of characters, `slips` what was meant; `matcher` weighs all this and `index` answers.
"""

from app.catalogue.search.forms import Entry, How
from app.catalogue.search.index import Hit, Nearest, SearchIndex, Suggestion

__all__ = ["Entry", "Hit", "How", "Nearest", "SearchIndex", "Suggestion"]
