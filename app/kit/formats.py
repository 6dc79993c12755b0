"""Dates, times, distances and numbers as each language writes them.

Every function speaks the language of the moment (`app.kit.i18n.current_locale`). Times are aware and are shown in
the network's zone; the patterns are those of CLDR, by Babel.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date as _babel_date
from babel.numbers import format_decimal, format_percent

from app.kit.clock import LOCAL
from app.kit.i18n import LOCALES, current_locale, gettext, ngettext

_DATE = {"zh-CN": "M月d日", "en": "d MMM"}
_DATE_YEAR = {"zh-CN": "y年M月d日", "en": "d MMM y"}
_DATE_DAY = {"zh-CN": "M月d日 EEE", "en": "EEE d MMM"}
_DATE_LONG = {"zh-CN": "y年M月d日 EEEE", "en": "EEEE d MMMM y"}
_BEFORE_TIME = {"zh-CN": " ", "en": ", "}
_METRES_UP_TO = 1000
_TENTHS_UP_TO = 99.95  # from here on one decimal would round to 100.0


def _local(moment: date) -> date:
    """The calendar date of an aware time in the network's zone; a date as it is."""
    return moment.astimezone(LOCAL).date() if isinstance(moment, datetime) else moment


def _date(moment: date, patterns: dict[str, str]) -> str:
    tag = current_locale()
    return _written(_local(moment), patterns[tag], tag)


@lru_cache(4096)
def _written(day: date, pattern: str, tag: str) -> str:
    """Kept, since a list writes the same few days again and again, and Babel reads the pattern anew each time."""
    return _babel_date(day, pattern, locale=LOCALES[tag])


def day_month(moment: date) -> str:
    """``12月1日`` · ``1 Dec``"""
    return _date(moment, _DATE)


def day_month_year(moment: date) -> str:
    """``2026年12月1日`` · ``1 Dec 2026``"""
    return _date(moment, _DATE_YEAR)


def weekday_date(moment: date) -> str:
    """``12月1日 周二`` · ``Tue 1 Dec``"""
    return _date(moment, _DATE_DAY)


def long_date(moment: date) -> str:
    """``2026年12月1日 星期二`` · ``Tuesday 1 December 2026``"""
    return _date(moment, _DATE_LONG)


def weekday(moment: date) -> str:
    """``周二`` · ``Tue``"""
    return _written(_local(moment), "EEE", current_locale())


def clock_time(moment: datetime | time) -> str:
    """``09:00``, 24 hours in both languages; a plain `time` is taken as already local."""
    return (moment.astimezone(LOCAL) if isinstance(moment, datetime) else moment).strftime("%H:%M")


def date_time(moment: datetime) -> str:
    """``12月1日 周二 09:00`` · ``Tue 1 Dec, 09:00``"""
    return f"{weekday_date(moment)}{_BEFORE_TIME[current_locale()]}{clock_time(moment)}"


def time_range(start: datetime, end: datetime) -> str:
    """``12月1日 周二 09:00–09:45`` · ``Tue 1 Dec, 09:00–09:45``"""
    return f"{date_time(start)}–{clock_time(end)}"


def iso(moment: datetime | date) -> str:
    """RFC 3339 with the network's offset, for ``<time datetime>``."""
    return moment.astimezone(LOCAL).isoformat() if isinstance(moment, datetime) else moment.isoformat()


def number(value: float | Decimal, digits: int | None = None) -> str:
    """``1,234.5``; with `digits`, exactly as many decimals."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return _decimal(value, pattern, current_locale())


@lru_cache(4096)
def _decimal(value: float | Decimal, pattern: str | None, tag: str) -> str:
    return format_decimal(value, format=pattern, locale=LOCALES[tag])


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1 as ``37%``, or ``37.0%`` with so many decimals."""
    pattern = f"#,##0{'.' if decimals else ''}{'0' * decimals}%"
    return format_percent(share, format=pattern, locale=LOCALES[current_locale()])


def distance(kilometres: float) -> str:
    """``3.2 km``; below 1 km ``450 m`` (to 10 m), from 100 km on without decimals. A no-break space in between."""
    metres = round(kilometres * 100) * 10
    if metres < _METRES_UP_TO:
        return f"{number(metres)}\u00a0m"
    return f"{number(kilometres, 1 if kilometres < _TENTHS_UP_TO else 0)}\u00a0km"


def duration(length: int | timedelta) -> str:
    """Minutes, or a timedelta, in words: ``45 分钟`` · ``45 min``, ``1 小时 30 分钟`` · ``1 h 30 min``."""
    minutes = round(length.total_seconds() / 60) if isinstance(length, timedelta) else length
    hours, rest = divmod(minutes, 60)
    if not hours:
        return gettext("{n} min").format(n=rest)
    if not rest:
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    return gettext("{hours} h {minutes} min").format(hours=hours, minutes=rest)
