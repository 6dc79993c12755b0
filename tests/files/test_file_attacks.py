"""What is hidden in a document so that a look for it doesn't see it."""

import pytest

from app.files.rules import SCANS
from app.files.structure import FileFaultError, kind_of


@pytest.mark.parametrize("name", [b"/JavaScript", b"/Java#53cript", b"/#4aavaScript", b"/L#61unch", b"/Rich#4Dedia"])
def test_a_program_in_a_pdf_is_found_however_its_name_is_spelled(name: bytes) -> None:
    document = b"%PDF-1.4\n1 0 obj<</OpenAction<</S" + name + b">>>>endobj\nstartxref\n0\n%%EOF"
    with pytest.raises(FileFaultError, match="file_active"):
        kind_of(document, SCANS)
