"""Writes docs/hall.md anew from the table of a ticket's way: python -m scripts.hall"""

from app.config import PROJECT
from app.hall.rules.drawing import document

if __name__ == "__main__":
    (PROJECT / "docs" / "hall.md").write_text(document(), encoding="utf-8")
