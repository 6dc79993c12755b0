"""Bases of what doors accept and send."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """What is sent to us. A field or parameter that we don't know is refused, so that a slip isn't silently ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=10_000)


class Out(BaseModel):
    """What we send."""

    model_config = ConfigDict(from_attributes=True)
