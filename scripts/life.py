"""Writes docs/life.md anew from the table of a request's life: python -m scripts.life"""

from app.config import PROJECT
from app.requests.rules.drawing import document

if __name__ == "__main__":
    (PROJECT / "docs" / "life.md").write_text(document(), encoding="utf-8")
