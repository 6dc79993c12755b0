"""Handing letters over: in the transaction of what they tell of, each under a key of its own.

A key is made of the request's reference and of how many steps it has taken, so no step tells anything twice, and what
is taken back by one step can be said again by the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.queries.mailable import ANSWERABLE, answerable, staff_with_mail
from app.catalogue.snapshot import Catalogue
from app.kit.i18n import use_locale
from app.kit.text import is_mobile
from app.notify.letters import Letterhead
from app.notify.rules import MAIL, SMS
from app.notify.service import post_all, withdraw
from app.notify.statements import Mail
from app.policy.letters import LetterKind
from app.policy.snapshot import Policy
from app.requests.letters.choosing import Step, comes, news_of, reminds_anew, untrue
from app.requests.letters.facts import Facts, News, facts_of
from app.requests.letters.reminders import reminders
from app.requests.letters.staff import TOLD, StaffKind, staff_letter
from app.requests.letters.wording import SHOW_THE_VISIT, letter
from app.requests.rules import Action

K = LetterKind
BY_SMS = frozenset({
    K.CONFIRMED, K.RETURNED, K.DECLINED, K.MOVED, K.PASSED_ON, K.REMINDER, K.CONSENT_ASKED, K.ISSUED, K.INVALIDATED,
    K.CANCELLED, K.RESTORED, K.UNBOOKED,
})  # fmt: skip
"""What is told by text message: a decision, something wanted, or another time; not each step of the work."""


@dataclass(frozen=True, slots=True)
class To:
    """Where the letters of a request go: to a mail address, or as text messages to a mobile number.

    In which language, and how many steps the request has taken.
    """

    address: str
    language: str
    sequence: int = 0
    channel: str = MAIL

    def hears(self, news: News) -> bool:
        """By text message only of what must be known, and of nothing that one has done oneself."""
        own = news.kind is LetterKind.CANCELLED and not news.by_station
        return self.channel == MAIL or (news.kind in BY_SMS and not own)


def to_applicant(
    head: Letterhead, email: str | None, mobile: str | None, language: str, sequence: int = 0
) -> To | None:
    """By mail where there is an address; else by text message, where there is a gateway and a number for it."""
    if email:
        return To(email, language, sequence)
    if head.sms and mobile and is_mobile(mobile):
        return To(mobile, language, sequence, SMS)
    return None


@dataclass(frozen=True, slots=True)
class Letters:
    """Who writes: the head of every letter, the words of the services, the own texts of the network's stations."""

    head: Letterhead
    catalogue: Catalogue
    policy: Policy

    def of_submission(self, facts: Facts, to: To, now: datetime) -> Sequence[Mail]:
        """The confirmation and the reminders of a request that is being sent."""
        return [
            self._mail(facts, News(LetterKind.CONFIRMED), to, now),
            *self._reminders(facts, to, now),
        ]

    async def of_step(self, session: AsyncSession, step: Step) -> None:
        """Post what a step causes and withdraw what it makes untrue. Whoever calls holds the request's lock."""
        request = step.after.request
        about = about_request(request.reference)
        mails: list[Mail] = []
        to = to_applicant(self.head, request.email, request.mobile, request.language, request.calendar_sequence)
        if to:
            if gone := untrue(step):
                await withdraw(session, about, kinds=gone, at=step.at)
            mails += self._of_step(step, to)
        if step.action in TOLD and not step.took_leave:
            mails += await self._to_staff(session, step, TOLD[step.action])
        if step.action is Action.CLOSE_COMPLAINT:
            await withdraw(session, about, kinds=(StaffKind.COMPLAINT,), at=step.at)
        await post_all(session, mails)

    def _of_step(self, step: Step, to: To) -> Iterable[Mail]:
        news = news_of(step, self.catalogue)
        anew = reminds_anew(step) and comes(step.after)
        if news is None and not anew:
            return
        facts = facts_of(step.after, self.catalogue)
        if news and to.hears(news):
            yield self._mail(facts, news, to, step.at)
        if anew:
            yield from self._reminders(facts, to, step.at)

    def _reminders(self, facts: Facts, to: To, now: datetime) -> Iterable[Mail]:
        for each in reminders(facts.visit.start, now):
            if to.hears(News(each.kind)):
                yield self._mail(facts, News(each.kind), to, now, due=each.due, expires=each.expires)

    def _mail(
        self,
        facts: Facts,
        news: News,
        to: To,
        now: datetime,
        *,
        due: datetime | None = None,
        expires: datetime | None = None,
    ) -> Mail:
        """What names a time isn't worth sending when that is over."""
        station_id = facts.visit.station.id
        if expires is None and facts.booked and news.kind in SHOW_THE_VISIT and facts.visit.end > now:
            expires = facts.visit.end
        with use_locale(to.language):
            written = letter(facts, news, self.policy.text(station_id, news.kind))
            text = written.short(self.head) if to.channel == SMS else written.text(self.head)
        return Mail(
            kind=news.kind,
            key=f"{news.kind}:{facts.reference}:{to.sequence}",
            to=to.address,
            subject=written.subject,
            text=text,
            at=now,
            about=about_request(facts.reference),
            due=due,
            expires=expires,
            station_id=station_id,
            channel=to.channel,
        )

    async def _to_staff(self, session: AsyncSession, step: Step, kind: StaffKind) -> list[Mail]:
        """To whoever answers for the station where the request is now."""
        request, station = step.after.request, step.after.appointment.station
        found = await staff_with_mail(session, ANSWERABLE, stations=[station.id], counties=[station.county_adcode])
        mails = []
        for each in answerable(found, station.id, station.county_adcode):
            with use_locale(each.language):
                written = staff_letter(kind, step.after)
                text = written.text(self.head)
            key = f"{kind}:{request.reference}:{request.calendar_sequence}:{each.person_id}"
            about = about_request(request.reference)
            mails.append(
                Mail(kind, key, each.email, written.subject, text, step.at, about=about, station_id=station.id)
            )
        return mails


def about_request(reference: str) -> str:
    """What letters about a request are `about`, for withdrawing them."""
    return f"request:{reference}"
