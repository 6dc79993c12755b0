"""The client for Python: how it is made, and the shortest whole booking with it."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.kit.doors import Door
from app.web.templating import page

router = Door()
EXAMPLE_ADDRESS = "https://portal.example"
BOOK_IN_PYTHON = f"""\
from onestop_client import OneStop
from onestop_client.models import HoldIn, RequestIn

with OneStop("{EXAMPLE_ADDRESS}", language="en") as portal:
    gauge = portal.catalogue.get_services(q="pressure gauge").items[0]
    best = portal.routes.find_routes(
        service=[gauge.code],
        lon=118.37,
        lat=31.33,
        use="safety_protection",
    ).candidates[0]
    assert best.earliest_start, "nothing is free soon"
    hold = portal.slots.take_hold(HoldIn(
        service_codes=[gauge.code],
        station_code=best.station.code,
        start=best.earliest_start,
    ))
    answers = {{
        "instrument_name": "Pressure gauge",
        "model_spec": "Y-100",
        "serial_no": "17",
        "quantity": 1,
        "install_location": "boiler house",
        "use_region_code": "340202",
    }}
    booked = portal.requests.submit(RequestIn.from_dict({{
        "hold_id": str(hold.hold_id),
        "hold_token": hold.hold_token,
        "items": [{{"service_code": gauge.code, "inputs": answers}}],
        "use": "safety_protection",
        "applicant": {{
            "organisation_name": "Wuhu Valves",
            "uscc": "91110000600037341L",
            "contact_name": "Wang",
            "mobile": "13812345678",
        }},
        "consent_version": portal.consent.get_consent().version,
    }}))
    print(booked.reference, booked.access_code)
"""


@router.get("/docs/python")
async def python_client(request: Request) -> HTMLResponse:
    address = request.app.state.settings.address
    context = {"code": BOOK_IN_PYTHON.replace(EXAMPLE_ADDRESS, address), "address": address}
    return page(request, "developers/python.html", context)
