"""The process that typesets a document: a template and its data come in, the PDF goes out.

Run as `python -m app.kit.typesetting` by `documents.py`. A process of its own, since typst uses all processors that it
gets and some hundred megabytes for a long table, and can't be stopped within one.
"""

import json
import os
import sys
from datetime import datetime
from pathlib import Path

import typst

from app.kit.characters import FONTS

NICE = 5
APP = Path(__file__).parents[1]


def typeset(template: str, data: str, at: datetime) -> bytes:
    """`template` is a path below app/; `data` is JSON, `at` stands as the time of making in the PDF.

    The same in gives the same out, whatever fonts the machine has. Raises typst.TypstError.
    """
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    compiler = typst.Compiler(APP / template, root=APP, font_paths=fonts, sys_inputs={"data": data})
    pdf = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=at)
    assert isinstance(pdf, bytes)  # noqa: S101 - pages come as a list in other formats only
    return pdf


def main() -> None:
    os.nice(NICE)
    order = json.loads(sys.stdin.buffer.read())
    at = datetime.fromisoformat(order["at"]).replace(microsecond=0)
    sys.stdout.buffer.write(typeset(order["template"], json.dumps(order["data"], ensure_ascii=False), at))


if __name__ == "__main__":
    main()
