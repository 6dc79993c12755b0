"""What the JSON doors of this room take and send."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.accounts.rules.rights import KeyScope, Role
from app.kit.schemas import Out, Strict
from app.kit.text import Line

Password = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=False)]
"""As it was typed, blanks at its ends included."""


class ConsentOut(Out):
    """The privacy notice in force. The texts are plain: `# ` a title, `## ` a heading, `- ` an item of a list."""

    version: str = Field(examples=["2026-11-28"], description="What `consent_version` of a request must name.")
    text_zh: str
    text_en: str


class TokenIn(Strict):
    """Who signs in."""

    username: str = Field(
        min_length=1, max_length=254, description="The user name or the mail address.", examples=["officer.wh001"]
    )
    password: Password
    totp: str | None = Field(
        None, max_length=40, description="The code of the second factor, or a recovery code; with a second factor only."
    )


class TokenOut(Out):
    """A bearer token, for `Authorization: Bearer …`; it is not shown again."""

    access_token: str = Field(examples=["ost_…"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind, not a secret
    expires_at: datetime = Field(description="At the latest; a token that is not used ends before.")
    roles: list[Role] = Field(description="Of staff; empty for people of enterprises.")
    stations: list[str] = Field(
        description="Codes of the stations within reach of the roles: one's own, or those of the county."
    )
    everywhere: bool = Field(description="The roles reach the whole network; `stations` is empty then.")


class KeyIn(Strict):
    """A key to be made."""

    name: Annotated[str, Line(60)] = Field(description="To tell it by.", examples=["Ledger of the calibration room"])
    scopes: list[KeyScope] = Field(min_length=1, max_length=len(KeyScope))
    days: int = Field(90, ge=1, le=365, description="After so many days it ends by itself.")


class KeyOut(Out):
    """A key as it is listed. `prefix` is its beginning; the rest was shown once."""

    id: UUID
    name: str
    prefix: str = Field(examples=["osk_5f0cTq9e"])
    scopes: list[KeyScope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyMade(KeyOut):
    """A key that was just made, with its secret, which is not shown again."""

    key: str = Field(description="For `Authorization: Bearer …`.", examples=["osk_…"])


class KeysOut(Out):
    """The own keys, newest first, also those that have ended."""

    items: list[KeyOut]
    next: None = None
