"""From a draft to what its form is judged by, and to the request that is sent. Pure."""

from datetime import datetime

from app.accounts.queries.notice import notice_in_force
from app.booking.drafts import Draft, DraftData, Origin
from app.booking.forms import Sender, Typed, Verdict, Visit
from app.booking.onsite import given_site, site_address
from app.booking.steps import chosen
from app.catalogue.rules import Use
from app.catalogue.snapshot import Catalogue
from app.kit.clock import local_date
from app.kit.geo import Crs, Point, contains, rings_of, to_wgs84
from app.kit.i18n import current_locale
from app.requests.idempotency import Key, content
from app.requests.intake import Applicant, GivenPoint, Submission, regions
from app.stations.atlas import Atlas


def visit_of(data: DraftData, catalogue: Catalogue, atlas: Atlas, now: datetime) -> Visit:
    """What the pages before the details have settled. The draft is past the page of its time."""
    return Visit(
        services=tuple(chosen(data, catalogue)),
        mode=data.mode or "station",
        use=Use(data.use) if data.use else None,
        today=local_date(now),
        consent_version=notice_in_force(local_date(now)).version,
        region=_region(data.origin, atlas),
        regions=regions(atlas),
        site_address=site_address(data),
    )


def _region(origin: Origin | None, atlas: Atlas) -> str:
    """The division of the place asked from: its town's, else the one whose boundary is around the point."""
    if origin is None:
        return ""
    if town := atlas.town_by_code.get(origin.town or ""):
        return town.county_adcode
    point = to_wgs84(origin.lon, origin.lat, Crs(origin.crs))
    return next((adcode for adcode, inside in _around(atlas, point) if inside), "")


def _around(atlas: Atlas, point: Point) -> list[tuple[str, bool]]:
    return [
        (division.adcode, contains(rings_of(division.geometry), point))
        for division in atlas.divisions
        if division.geometry is not None
    ]


def typed_of(data: DraftData) -> Typed:
    """The form as the draft keeps it."""
    return Typed(data.answers, data.applicant, data.note, data.consented, tables=data.tables)


def submission(data: DraftData, verdict: Verdict, sender: Sender) -> Submission:
    """The same request that a program would send, in the language of the moment; the draft's time is held."""
    if data.held is None or data.consented is None:
        raise ValueError("a draft without a time or without consent can't be sent")
    origin = data.origin
    return Submission(
        hold_id=data.held.hold_id,
        hold_token=data.held.hold_token,
        items=verdict.items,
        use=Use(data.use) if data.use else None,
        applicant=Applicant(**sender.applicant.model_dump()),
        origin=GivenPoint(origin.lon, origin.lat, Crs(origin.crs)) if origin else None,
        consent_version=data.consented,
        note=sender.note or None,
        language=current_locale(),
        site=given_site(data),
    )


def key_of(draft: Draft) -> Key:
    """A draft becomes one request at most, whatever is changed in it after an answer that got lost."""
    return Key(draft.client, f"draft:{draft.id}", content("draft", str(draft.id)))


def sent(data: DraftData, reference: str) -> DraftData:
    """What stays of a draft: nothing that says who asked, from where, or about which instrument."""
    return DraftData(services=data.services, later=data.later, mode=data.mode, bundle=data.bundle, reference=reference)
