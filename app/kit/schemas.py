"""Bases of what doors accept and send."""

import re
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def _written(form: re.Pattern[str], error: str) -> BeforeValidator:
    """Only the written form: pydantic would read a number as seconds since 1970."""

    def check(value: object) -> object:
        if isinstance(value, date) or (isinstance(value, str) and form.fullmatch(value.strip())):
            return value
        raise PydanticCustomError(error, "not in the expected form")

    return BeforeValidator(check)


WrittenDate = Annotated[date, _written(DATE, "date_parsing")]
WrittenTime = Annotated[AwareDatetime, _written(TIME, "datetime_parsing")]


class Strict(BaseModel):
    """What is sent to us. A field or parameter that we don't know is refused, so that a slip isn't silently ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_max_length=10_000)


class Out(BaseModel):
    """What we send."""

    model_config = ConfigDict(from_attributes=True)
