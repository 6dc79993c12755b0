"""What the columns of open files mean, with their units. Several of one meaning stand together."""

from collections.abc import Mapping

from app.kit.i18n import LazyString, lazy

Columns = Mapping[str, LazyString]

STATIONS: Columns = {
    "code": lazy("Code of the station; stays with it"),
    "name_zh, name_en": lazy("Name in Chinese and in English"),
    "county_adcode": lazy("County-level division, six digits (GB/T 2260)"),
    "division_code": lazy("Division that runs it: a county or a development zone"),
    "town_code": lazy("Town or street, nine digits"),
    "level, model": lazy("Level in the network; kind of station"),
    "key_industry": lazy("Industry that it is made for; empty for none"),
    "lon, lat": lazy("Point in degrees, WGS-84"),
    "coord_class, coord_precision, approximate": lazy(
        "Where the point comes from, how exact it is, and whether it is to be shown as approximate"
    ),
    "address_zh": lazy("Address, in Chinese"),
    "parent_code": lazy("Station to which it hands on what it may not do itself; empty for none"),
    "active": lazy("true while it is in use"),
    "open_now, closes_at, opens_next": lazy(
        "Open at this moment; when it closes, else when it opens next (RFC 3339); empty beyond 60 days"
    ),
    "provenance": lazy("What is real and what is an example"),
}
SERVICES: Columns = {
    "code": lazy("Code of the service; stays with it"),
    "category, subcategory": lazy("Family and branch; the branch may be empty"),
    "name_zh, name_en": lazy("Name in Chinese and in English"),
    "modes": lazy("Ways in which it is done, with | between: station, onsite, online"),
    "duration_min": lazy("Time at the desk, in minutes"),
    "mandatory": lazy("true where the law requires it, for some services only in some uses"),
    "designation_required": lazy("true where in such a use only a designated station may do it"),
    "validity_months": lazy("Months until it is due again; empty where the customer sets that"),
    "station_count": lazy("Stations that may do it today"),
}
COUNTIES: Columns = {
    "adcode": lazy("Code of the division, six digits (GB/T 2260)"),
    "name_zh, name_en": lazy("Name in Chinese and in English"),
    "label_lon, label_lat": lazy("Point for a label on a map, in degrees, WGS-84"),
    "area_km2": lazy("Area in square kilometres; empty where unknown"),
    "population_2020": lazy("Inhabitants in the census of 2020; empty where unknown"),
    "station_count": lazy("Stations in use"),
    "former": lazy("Codes and names that it had before, with | between"),
}
TOWNS: Columns = {
    "code": lazy("Code of the town or street, nine digits"),
    "name_zh, name_en": lazy("Name in Chinese and in English"),
    "county_adcode": lazy("County-level division, six digits (GB/T 2260)"),
    "unit_type": lazy("Town, township or subdistrict"),
    "lon, lat": lazy("Point in degrees, WGS-84"),
    "coord_class, coord_precision, approximate": lazy(
        "Where the point comes from, how exact it is, and whether it is to be shown as approximate"
    ),
}
COVERAGE: Columns = {
    "on": lazy("Day for which it was counted"),
    "county, county_zh, county_en": lazy("Code and names of the county"),
    "category, category_zh, category_en": lazy("Code and names of the category"),
    "stations": lazy("Stations in use in the county"),
    "capable": lazy("Those of them that do at least one service of the category"),
    "designated": lazy("Those of them that are designated for at least one"),
    "services": lazy("Services of the category"),
    "services_one, services_two": lazy("Those that at least one, at least two of the stations do"),
    "within_km": lazy("Distance up to which a station counts as in reach, in kilometres"),
    "share_within": lazy("Part of the inhabitants with such a station in reach, 0 to 1"),
    "km_mean": lazy("Mean distance to the nearest such station, in kilometres"),
}
