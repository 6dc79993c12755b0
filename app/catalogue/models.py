"""What can be asked for. The rows come from `catalogue.json`; see docs of the import for the file's shape."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Identity, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Model


class Category(Model):
    """One of the six families of services, such as metrology."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]
    has_subcategories: Mapped[bool]


class Subcategory(Model):
    """A branch inside a category, such as dimensional metrology."""

    __tablename__ = "subcategory"

    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]


class Service(Model):
    """One thing that can be asked for, with its form and what it gives back.

    `inputs` is the intake form: a list of {key, label_zh, label_en, type, required, options?, min?}. `duration_min` is
    the length of an appointment in minutes, a planning default. `validity_months` is the longest ordinary interval of
    a certificate, None where the customer sets it. `source` and the notes are kept as imported; `confidence` decides
    whether `reference` may be shown to the public.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("duration_min > 0 AND mod(duration_min, 5) = 0", name="duration"),
        CheckConstraint("cardinality(modes) > 0", name="modes"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    position: Mapped[int]
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    subcategory_code: Mapped[str | None] = mapped_column(String(32))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    keywords_zh: Mapped[list[str]] = mapped_column(ARRAY(String))
    modes: Mapped[list[str]] = mapped_column(ARRAY(String(16)))
    duration_min: Mapped[int]
    deliverable_zh: Mapped[str]
    deliverable_en: Mapped[str]
    inputs: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    validity_months: Mapped[int | None]
    mandatory: Mapped[bool]
    designation_required: Mapped[bool]
    reference: Mapped[str | None]
    confidence: Mapped[str] = mapped_column(String(16))
    source: Mapped[str | None]
    notes: Mapped[dict[str, str]] = mapped_column(JSON, server_default=text("'{}'"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
