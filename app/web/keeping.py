"""Pieces of pages that are kept made, for pages that are opened again and again.

    {% call keep("inbox.row", row.id, row.changed_at, …) %}<tr>…</tr>{% endcall %}

The key names everything that the piece depends on, the language aside: what isn't in the key must not be in the piece.
So nothing is ever out of date, and nothing has to be thrown away when something changes; what is old isn't asked for
any more and falls out.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from markupsafe import Markup

from app.kit.i18n import current_locale

MOST = 4_096
"""Pieces that a process keeps: of 1.5 kB each, 6 MB."""
_pieces: OrderedDict[tuple[Hashable, ...], Markup] = OrderedDict()


def keep(*key: Hashable, caller: Callable[[], Markup]) -> Markup:
    """The piece of this key, made by the block of the call where it isn't there yet."""
    whole = current_locale(), *key
    piece = _pieces.get(whole)
    if piece is None:
        piece = _pieces[whole] = caller()
        if len(_pieces) > MOST:
            _pieces.popitem(last=False)
    else:
        _pieces.move_to_end(whole)
    return piece
