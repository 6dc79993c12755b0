"""Which way a mail takes: TLS wherever it can be had, no password in the clear, a folder without a server."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiosmtplib
import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from app.config import MailSettings, Settings, WebSettings
from app.kit.db import Database
from app.notify.carriers import FolderCarrier, SmtpCarrier, carrier_of
from app.notify.delivery import Deliverer
from tests.conftest import make_settings
from tests.notify.postbox import SENDER, Server, Ticking, listening, state, write


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this test's own for 127.0.0.1, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def offered(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.mark.parametrize("at_once", [False, True], ids=["starttls", "smtps"])
async def test_tls_is_spoken_and_the_password_given_inside_of_it(
    mails: Database, ticking: Ticking, offered: ssl.SSLContext, trusting: ssl.SSLContext, at_once: bool
):
    async with listening(Server(), tls=offered, at_once=at_once, auth=True) as server:
        scheme = "smtps" if at_once else "smtp"
        url = f"{scheme}://post:p%40ss%2Fword@127.0.0.1:{server.port}"
        await write(mails)
        await Deliverer(mails, SmtpCarrier(url, SENDER, tls=trusting), ticking).deliver()
        assert len(server.mails) == 1
        assert server.sessions[0].authenticated
        assert at_once or server.sessions[0].ssl is not None


async def test_an_unknown_certificate_is_refused_and_nothing_is_sent(
    mails: Database, ticking: Ticking, offered: ssl.SSLContext
):
    async with listening(Server(), tls=offered) as server:
        await write(mails)
        await Deliverer(mails, SmtpCarrier(server.url, SENDER), ticking).deliver()
        assert server.received == []
    found = await state(mails)
    assert (found["sent_at"], found["dead_at"], found["attempts"]) == (None, None, 1)


async def test_a_wrong_password_is_our_fault_and_kills_no_mail(
    mails: Database, ticking: Ticking, offered: ssl.SSLContext, trusting: ssl.SSLContext
):
    async with listening(Server(), tls=offered, auth=True) as server:
        await write(mails)
        url = f"smtp://post:wrong@127.0.0.1:{server.port}"
        await Deliverer(mails, SmtpCarrier(url, SENDER, tls=trusting), ticking).deliver()
    found = await state(mails)
    assert (found["dead_at"], found["last_error"]) == (None, "SMTPAuthenticationError 535 5.7.8")


@pytest.mark.parametrize(
    ("url", "demanded"),
    [
        ("smtp://mail.example.com", True),
        ("smtp://mail.example.com:587", True),
        ("smtp://user:pass@mail.example.com:25", True),
        ("smtp://mail.example.com:25", None),
        ("smtp://user:pass@127.0.0.1:587", None),
        ("smtps://mail.example.com", False),
    ],
)
def test_starttls_is_demanded_where_leaving_it_out_would_be_an_attack(url: str, demanded: bool | None):
    assert SmtpCarrier(url, SENDER).start_tls is demanded


async def test_a_server_far_away_without_tls_gets_no_mail(mails: Database, ticking: Ticking, server: Server):
    class Far(SmtpCarrier):
        start_tls = True  # as for any host but this one

    await write(mails)
    await Deliverer(mails, Far(server.url, SENDER), ticking).deliver()
    assert server.received == []
    assert (await state(mails))["last_error"] == aiosmtplib.SMTPException.__name__


async def test_without_a_server_a_mail_becomes_a_file_of_ones_own(mails: Database, ticking: Ticking, tmp_path: Path):
    carrier = FolderCarrier(tmp_path / "mail", SENDER)
    await write(mails, subject="请确认", text="https://onestop.example/confirm?token=abc")
    with structlog.testing.capture_logs() as logs:
        await Deliverer(mails, carrier, ticking).deliver()
    [file] = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"https://onestop.example/confirm?token=abc" in file.read_bytes()
    assert logs[0] == {"event": "mail_written", "log_level": "info", "file": str(file)}
    assert "zhang" not in str(logs)
    assert (await state(mails))["sent_at"] is not None


async def test_a_folder_that_cannot_be_written_postpones(mails: Database, ticking: Ticking, tmp_path: Path):
    (tmp_path / "mail").write_text("not a folder")
    await write(mails)
    await Deliverer(mails, FolderCarrier(tmp_path / "mail", SENDER), ticking).deliver()
    assert (await state(mails))["last_error"] == "FileExistsError"


def test_the_settings_choose_the_carrier(database_url: str, tmp_path: Path):
    local = make_settings(database_url, tmp_path)
    assert isinstance(carrier_of(local), FolderCarrier)
    production = Settings(
        database=local.database,
        web=WebSettings(
            env="production",
            home=tmp_path,
            secret_key="only-for-tests-only-for-tests-only-for-tests",
            public_url="https://onestop.example",
        ),
        mail=MailSettings(),
    )
    assert carrier_of(production) is None
    assert production.address == "https://onestop.example"
    mail = MailSettings(smtp_url="smtps://mail.example.com", mail_from="质站通 <noreply@example.com>")
    assert isinstance(carrier_of(Settings(database=local.database, web=local.web, mail=mail)), SmtpCarrier)


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"smtp_url": "http://mail.example.com"}, "smtp_url"),
        ({"smtp_url": "smtp://"}, "smtp_url"),
        ({"smtp_url": "smtp://host:99999"}, "smtp_url"),
        ({"smtp_url": "smtp://host"}, "mail_from"),
        ({"smtp_url": "smtp://host", "mail_from": "nobody"}, "mail_from"),
        ({"mail_from": "a@example.com, b@example.com"}, "mail_from"),
        ({"mail_from": "a@example.com\nBcc: b@example.com"}, "mail_from"),
    ],
)
def test_settings_that_cannot_work_are_named(given: dict[str, str], at_fault: str):
    with pytest.raises(ValidationError) as refused:
        MailSettings(**given)
    assert refused.value.errors()[0]["loc"] == (at_fault,)


def test_the_password_of_the_mail_server_is_not_shown():
    mail = MailSettings(smtp_url="smtp://user:hidden@host", mail_from="a@example.com")
    assert "hidden" not in repr(mail)
