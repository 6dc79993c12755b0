"""Booking steps of a bundle through the wizard, as browsers do; each has a client of its own."""

import re

import httpx

from tests.booking.visitor import JINGHU_TOWN, Visitor, values, words
from tests.requests.booking import Booker

APPLICANT = {
    "applicant.organisation_name": "芜湖长江阀门有限公司",
    "applicant.uscc": "91110000600037341L",
    "applicant.contact_name": "王芳",
    "applicant.mobile": "138 1234 5678",
}


class Walker(Visitor):
    """A browser that books steps; `reference` is that of the bundle it is at."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        super().__init__(client)
        self.reference = ""

    async def begin_bundle(self, package: str = "robot-maker") -> httpx.Response:
        answer = await self.client.post(f"/packages/{package}", data={"town": JINGHU_TOWN})
        assert answer.status_code == 303, words(answer.text)
        self.reference = answer.headers["location"].split("/")[2].split("?")[0]
        return answer

    async def follow(self) -> str:
        answer = await self.client.get(f"/bundles/{self.reference}")
        assert answer.status_code == 200
        return answer.text

    async def code(self) -> str:
        found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}(?=</strong>)", await self.follow())
        assert found is not None
        return found.group()

    async def open(self, reference: str, code: str) -> None:
        """With the code, in another browser."""
        answer = await self.client.post(f"/bundles/{reference}", data={"code": code})
        assert answer.status_code == 303
        self.reference = reference

    async def choose(self, *steps: str) -> httpx.Response:
        answer = await self.client.post(f"/book/bundle/{self.reference}", data={"step": list(steps)})
        assert answer.status_code == 303
        self.base = answer.headers["location"].rsplit("/", 1)[0]
        return answer

    async def to_check(self, booker: Booker, *steps: str, mode: str = "station", place: int = 0) -> None:
        """Through all pages of the wizard, up to the one that sends."""
        await self.choose(*steps)
        page = await self.get("what")
        if page.status_code == 200:
            await self.post("what", mode=mode, use="safety_protection", go="on")
        await self.get("where")
        await self.post("where", station=values(self.page, "station")[0])
        await self.get("when")
        await self.hold(place)
        form: dict[str, object] = {**APPLICANT, "consent_version": await booker.consent()}
        for n, service in enumerate(await self.services()):
            answers = await booker.some_answers(service)
            form |= {f"items.{n}.inputs.{key}": value for key, value in answers.items()}
        answer = await self.post("details", **form)
        assert answer.headers.get("location") == f"{self.base}/check", words(self.page)

    async def services(self) -> list[str]:
        """The services of the draft, in its order."""
        await self.get("what")
        return values(self.page, "remove") or re.findall(r"\b[A-Z]{3}(?:-[A-Z]{3})?-\d{3}\b", words(self.page))

    async def send(self, **form: str) -> httpx.Response:
        return await self.post("send", **form)
