"""What can go wrong in this room; most of it is found by the services of others.

Problem
└── Forbidden 403      KeyScopeMissing
"""

from app.kit.i18n import lazy
from app.kit.problems import Forbidden


class KeyScopeMissing(Forbidden):
    code = "key_scope_missing"
    detail = lazy("This API key was not given the right to read this.")
