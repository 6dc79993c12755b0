"""The name that a person gave stays readable and turns harmless."""

import pytest

from app.files.rules import JPEG, NAME_LENGTH, PDF, clean_name, named_as


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("营业执照 2026.pdf", "营业执照 2026.pdf"),
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.pdf", "cmd.pdf"),
        ("C:\\Users\\张三\\执照.PDF", "执照.pdf"),
        ("/home/zhang/执照.pdf", "执照.pdf"),
        ("licence.pdf:evil.exe", "evil.exe"),
        ("a\r\nSet-Cookie: b=c.pdf", "b=c.pdf"),
        ("lic\x00ence\x1b[31m.pdf", "licence[31m.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u2066licence\u2069\u200b.pdf", "licence.pdf"),
        ("  many   blanks\u3000here .pdf", "many blanks here.pdf"),
        ('a<b>"c"|d?*.pdf', "a_b__c__d__.pdf"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        (None, "file"),
        ("CON", "_CON"),
        ("nul.pdf", "_nul.pdf"),
        ("e\u0301tude.pdf", "\xe9tude.pdf"),
        ("\ud800.pdf", "pdf"),
    ],
)
def test_a_name_is_cleaned(given: str | None, kept: str):
    assert clean_name(given) == kept


@pytest.mark.parametrize("given", ["长" * 300 + ".pdf", "x" * 300, "x." * 200 + "pdf", "长" * 119 + " .pdf"])
def test_a_long_name_is_cut_and_keeps_its_ending(given: str):
    name = clean_name(given)
    assert len(name) <= NAME_LENGTH
    assert name.endswith(".pdf") == given.endswith(".pdf")
    assert len(named_as(name, PDF) or "") <= NAME_LENGTH


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("licence.jpeg", "licence.jpeg"),
        ("licence", "licence.jpg"),
        ("检定证书.v1.2.jpg", "检定证书.v1.2.jpg"),
        ("第1.检定", "第1.检定.jpg"),
        ("licence.pdf", None),
        ("licence.svg", None),
        ("licence.html", None),
        ("licence.php.jpg", None),
        ("licence.HTML.jpg", None),
        ("licence.exe.jpg", None),
        ("licence.jpg.exe", None),
        ("licence.zip.jpg", None),
    ],
)
def test_an_ending_says_what_the_file_is(name: str, kept: str | None):
    assert named_as(name, JPEG) == kept
