"""Settings: a few frozen groups, read once at start from the environment and `.env`, refused when wrong.

Every group can be built without an environment (tests pass values); nothing below `config` reads settings.
"""

import logging
from email.utils import getaddresses
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.kit.gateways import mail_server, sms_gateway
from app.kit.homes import home_of, kept_secret
from app.kit.rates import Limit
from app.kit.targets import Policy, networks, port_ranges
from app.kit.text import normalise_email
from app.kit.work import BITS

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent.parent
MINIMUM_SECRET, HOUR_SECONDS = 32, 3600
PREFIXES = {"DatabaseSettings": "", "WebhookSettings": "ONESTOP_WEBHOOK_"}


def _group(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(env_prefix=prefix, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)


class DatabaseSettings(BaseSettings):
    """Where the data is. Without `DATABASE_URL` an embedded PostgreSQL under `ONESTOP_HOME` is started.

    `DATABASE_OWNER_URL` is the same database as the role that owns the tables: for migrations, imports and the tools
    of the record. The portal itself then can't touch what is on record (docs/audit.md).
    """

    model_config = _group("")

    database_url: str | None = Field(default=None, pattern=r"^postgres(ql)?(\+psycopg)?://")
    database_owner_url: str | None = Field(default=None, pattern=r"^postgres(ql)?(\+psycopg)?://")
    database_read_url: str | None = Field(default=None, pattern=r"^postgres(ql)?(\+psycopg)?://")
    database_pool_size: int = Field(default=10, ge=2, le=200)


class WebSettings(BaseSettings):
    """How the portal is reached and how it looks; with `ONESTOP_JOBS=off` it leaves mails and retention to a worker."""

    model_config = _group("ONESTOP_")

    env: Literal["local", "production"] = "local"
    home: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: AnyHttpUrl | None = None
    trusted_proxies: str = "127.0.0.1"
    secret_key: SecretStr | None = None
    tile_url: str | None = Field(default=None, pattern=r"^https?://")
    tile_credit: str = ""
    operator_zh: str = ""
    operator_en: str = ""
    operator_contact: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] | None = None
    max_body_kib: int = Field(default=512, ge=16, le=65536)
    hsts_subdomains: bool = False
    jobs: Literal["on", "off"] = "on"
    security_contact: str | None = Field(default=None, pattern=r"^(mailto:|https://|tel:)[!-~]+$", max_length=200)

    @field_validator("secret_key")
    @classmethod
    def _strong(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MINIMUM_SECRET:
            msg = f"must have at least {MINIMUM_SECRET} characters; for example: openssl rand -hex 32"
            raise ValueError(msg)
        return value


class BookingSettings(BaseSettings):
    """Rules of booking where nobody has set others on the pages of the settings, and how far is near enough."""

    model_config = _group("ONESTOP_")

    step_min: Literal[5, 10, 15, 20, 30, 60] = 15
    lead_min: int = Field(default=60, ge=0, le=14 * 24 * 60)
    horizon_days: int = Field(default=30, ge=1, le=365)
    hold_min: int = Field(default=10, ge=1, le=120)
    reach_km: float = Field(default=120.0, gt=0, le=5000)


class LimitSettings(BaseSettings):
    """What one client may do. `ONESTOP_LIMITS=off` lifts all of them, for load tests only."""

    model_config = _group("ONESTOP_")

    limits: Literal["on", "off"] = "on"
    holds_per_client: int = Field(default=3, ge=1, le=100)
    holds_per_min: int = Field(default=60, ge=1)
    requests_per_min: int = Field(default=60, ge=1)
    follows_per_min: int = Field(default=60, ge=1)
    searches_per_min: int = Field(default=600, ge=1)
    sign_ins_per_min: int = Field(default=20, ge=1)
    registrations_per_hour: int = Field(default=10, ge=1)
    mails_per_hour: int = Field(default=5, ge=1)
    messages_per_hour: int = Field(default=60, ge=1)
    work_bits: int = Field(default=BITS, ge=1, le=20)

    @property
    def on(self) -> bool:
        return self.limits == "on"

    @property
    def rates(self) -> dict[str, Limit]:
        """How often one address or account may do a thing; nothing is counted when limits are off."""
        if not self.on:
            return {}
        return {
            "hold": Limit(self.holds_per_min, payable=True),
            "request": Limit(self.requests_per_min, payable=True),
            "follow": Limit(self.follows_per_min, payable=True),
            "feed": Limit(self.follows_per_min),
            "ticket": Limit(self.follows_per_min),
            "search": Limit(self.searches_per_min, step=min(20, self.searches_per_min)),
            "sign_in": Limit(self.sign_ins_per_min, payable=True),
            "register": Limit(self.registrations_per_hour, HOUR_SECONDS, payable=True),
            "mail": Limit(self.mails_per_hour, HOUR_SECONDS),
            "message": Limit(self.messages_per_hour, HOUR_SECONDS),
        }


class AccountSettings(BaseSettings):
    """How long somebody stays signed in, when failing to is slowed down, and a city's single sign-on.

    `ONESTOP_SSO_ACR` names the classes (`acr`, with blanks between) by which the provider says that it has asked for
    a second factor, where it doesn't say so by its methods (`amr`).
    """

    model_config = _group("ONESTOP_")

    session_idle_min: int = Field(default=30, ge=5, le=24 * 60)
    session_hours: int = Field(default=12, ge=1, le=24 * 30)
    token_hours: int = Field(default=12, ge=1, le=24 * 30)
    failures_allowed: int = Field(default=5, ge=1, le=100)
    demo_password: SecretStr | None = None
    sso_issuer: AnyHttpUrl | None = None
    sso_client_id: str = ""
    sso_client_secret: SecretStr | None = None
    sso_acr: str = ""
    sso_name_zh: str = "统一身份认证"
    sso_name_en: str = "City single sign-on"


class MailSettings(BaseSettings):
    """Mail to the outside: without a server mails become files, in production they wait; or `off`, for others to do.
    With a gateway (`sms_url`) who has no mail address is told by text message."""

    model_config = _group("ONESTOP_")

    smtp_url: SecretStr | None = None
    mail_from: str = Field(default="", max_length=320, validate_default=True)
    sms_url: SecretStr | None = None
    deliver: Literal["on", "off"] = "on"

    @field_validator("smtp_url", "sms_url")
    @classmethod
    def _leads_there(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None:
            (mail_server if info.field_name == "smtp_url" else sms_gateway)(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str, info: ValidationInfo) -> str:
        if not value:
            if info.data.get("smtp_url"):
                msg = "is needed with ONESTOP_SMTP_URL; for example: 质站通 <noreply@example.com>"
                raise ValueError(msg)
            return value
        found = getaddresses([value])
        if len(found) != 1 or not value.isprintable():
            msg = "must be one address"
            raise ValueError(msg)
        normalise_email(found[0][1])
        return value


class FileSettings(BaseSettings):
    """Uploads: where they are kept (a folder, or `s3://bucket/prefix`; default `files` under home), how large."""

    model_config = _group("ONESTOP_")

    files_url: str | None = Field(default=None, pattern=r"^(s3://[^/]+|file:///|/)")
    file_max_kib: int = Field(default=10240, ge=64, le=1024 * 1024)


class WebhookSettings(BaseSettings):
    """Where webhooks may go besides public addresses by https: `ONESTOP_WEBHOOK_ALLOW=10.20.0.0/16` names networks."""

    model_config = _group("ONESTOP_WEBHOOK_")

    allow: str = ""
    ports: str = "443, 8443"
    http: bool = False

    @field_validator("allow", "ports")
    @classmethod
    def _readable(cls, value: str, info: ValidationInfo) -> str:
        (networks if info.field_name == "allow" else port_ranges)(value)
        return value


class Settings:
    """All groups together. `Settings()` reads the environment; a test gives the groups it wants to differ."""

    def __init__(
        self,
        *,
        database: DatabaseSettings | None = None,
        web: WebSettings | None = None,
        booking: BookingSettings | None = None,
        limits: LimitSettings | None = None,
        accounts: AccountSettings | None = None,
        mail: MailSettings | None = None,
        files: FileSettings | None = None,
        webhooks: WebhookSettings | None = None,
    ) -> None:
        self.database = database or DatabaseSettings()
        self.web = web or WebSettings()
        self.booking = booking or BookingSettings()
        self.limits = limits or LimitSettings()
        self.mail = mail or MailSettings()
        self.files = files or FileSettings()
        self.accounts = accounts or AccountSettings()
        self.webhooks = webhooks or WebhookSettings()
        self._refuse_weak_production()

    @property
    def production(self) -> bool:
        return self.web.env == "production"

    def _refuse_weak_production(self) -> None:
        if not self.production:
            return
        given = self.database.database_url, self.web.secret_key, self.web.public_url
        names = "DATABASE_URL", "ONESTOP_SECRET_KEY", "ONESTOP_PUBLIC_URL"
        missing = [name for name, value in zip(names, given, strict=True) if value is None]
        if missing:
            msg = f"ONESTOP_ENV=production also needs {', '.join(missing)}"
            raise SettingsError(msg)

    @property
    def address(self) -> str:
        """The portal's own address, for links in mails, without a slash at its end."""
        return str(self.web.public_url or f"http://{self.web.host}:{self.web.port}").rstrip("/")

    @property
    def outward(self) -> Policy:
        """Where this installation sends on somebody else's word."""
        group, own = self.webhooks, self.web.public_url.host if self.web.public_url else None
        hosts = frozenset({own} if own else ())
        return Policy(group.http, port_ranges(group.ports), networks(group.allow), hosts)

    @cached_property
    def home(self) -> Path:
        """The folder for what this installation writes: the embedded database, its secret key."""
        return self.web.home.expanduser().resolve() if self.web.home else default_home()

    @cached_property
    def secret_key(self) -> bytes:
        """The key that signs cookies and derives access codes; made once and kept under `home` when none is set."""
        if self.web.secret_key is not None:
            return self.web.secret_key.get_secret_value().encode()
        return kept_secret(self.home / "secret-key")


class SettingsError(Exception):
    """The environment is wrong; the message says which variable and what to do."""


def load_settings() -> Settings:
    """Settings from the environment, or one clear message that names each wrong variable."""
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [f"  {_variable(error.title, str(e['loc'][0]))}: {e['msg']}" for e in error.errors() if e["loc"]]
        raise SettingsError("The settings are wrong:\n" + "\n".join(lines)) from error
    if not settings.limits.on:
        logger.warning("ONESTOP_LIMITS=off: holds and rates are unlimited. For load tests only.")
    return settings


def _variable(group: str, name: str) -> str:
    return f"{PREFIXES.get(group, 'ONESTOP_')}{name}".upper()


def default_home() -> Path:
    return home_of(PROJECT)
