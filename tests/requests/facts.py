"""Stations and services made of nothing, for rules that only need their words."""

from app.catalogue.rules import form_fields
from app.catalogue.snapshot import ServiceInfo
from app.stations.facts import StationFacts, StationIndex


def station(n: int, name_zh: str, name_en: str, *, county: str = "340202") -> StationFacts:
    return StationFacts(
        index=StationIndex(n - 1),
        id=n,
        code=f"WH-JH-{n:02}",
        name_zh=name_zh,
        name_en=name_en,
        county_adcode=county,
        division_code=county,
        town_code="",
        lon=118.37,
        lat=31.33,
        coord_class="exact",
        coord_precision="",
        address_zh=f"长江路 {n} 号",
        model="",
        level="",
        key_industry=None,
        provenance="",
        active=True,
        parent=None,
        desks=(),
        hours=(),
        closures=(),
    )


def service(code: str, name_zh: str, name_en: str) -> ServiceInfo:
    form = [
        {
            "key": "serial_no",
            "type": "text",
            "label_zh": "出厂编号",
            "label_en": "Serial number",
            "required": True,
        }
    ]
    return ServiceInfo(
        id=1,
        code=code,
        category="metrology",
        subcategory=None,
        name_zh=name_zh,
        name_en=name_en,
        keywords_zh=(),
        modes=("station",),
        duration_min=45,
        deliverable_zh="",
        deliverable_en="",
        inputs=form,
        fields=form_fields(form),
        validity_months=None,
        mandatory=False,
        designation_required=False,
        reference=None,
        notes={},
        active=True,
    )
