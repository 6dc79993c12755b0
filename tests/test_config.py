"""Settings: read once, frozen, and refused with a message that names the variable."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.config import BookingSettings, DatabaseSettings, Settings, SettingsError, WebSettings, load_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ONESTOP_PORT", "99999"),
        ("ONESTOP_STEP_MIN", "7"),
        ("ONESTOP_SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("ONESTOP_LIMITS", "maybe"),
        ("ONESTOP_HOLDS_PER_CLIENT", "0"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONESTOP_TILE_URL", "")
    assert load_settings().web.tile_url is None


def test_a_group_is_frozen() -> None:
    with pytest.raises(ValidationError):
        BookingSettings().step_min = 30  # type: ignore[misc]


def test_production_needs_a_database_a_secret_and_an_address() -> None:
    with pytest.raises(SettingsError, match=r"DATABASE_URL, ONESTOP_SECRET_KEY, ONESTOP_PUBLIC_URL"):
        Settings(database=DatabaseSettings(database_url=None), web=WebSettings(env="production", secret_key=None))


def test_a_made_secret_is_kept_and_private(tmp_path: Path) -> None:
    first = Settings(web=WebSettings(home=tmp_path, secret_key=None)).secret_key
    assert Settings(web=WebSettings(home=tmp_path, secret_key=None)).secret_key == first
    assert len(first) >= 32
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
