"""`onestop user`: make the first administrator, and let somebody in again who is locked out."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Annotated, NoReturn, TypeVar

import typer
from sqlalchemy import text

from app.accounts.errors import NameTaken
from app.accounts.rules.rights import AT_STATION, Grant, Role
from app.accounts.service.bootstrap import USERNAME, NewStaff, create, reset
from app.kit.clock import now
from app.kit.db import Database, WriteSession
from app.kit.passwords import Passwords, faults

T = TypeVar("T")
Username = Annotated[str, typer.Argument(help="Small letters, digits, dot, hyphen; 3 to 64.")]
RoleName = Annotated[Role, typer.Option("--role", help="city_admin manages the network and its people.")]
Name = Annotated[str, typer.Option(help="The person's name, as colleagues know it; else the user name.")]
Email = Annotated[str | None, typer.Option(help="For mails about the account; may be left out.")]
StationCode = Annotated[str | None, typer.Option("--station", help="Its code, for window, officer, manager.")]
County = Annotated[str | None, typer.Option(help="Division code of the county, for county_admin.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def user_commands(opened: Callable[[], AbstractContextManager[str]]) -> typer.Typer:
    """The sub-commands, on the database whose URL `opened` gives."""
    users = typer.Typer(no_args_is_help=True, help="Staff accounts: make the first one, let somebody in again.")

    @users.command("create")
    def create_command(
        username: Username,
        *,
        role: RoleName = Role.CITY_ADMIN,
        name: Name = "",
        email: Email = None,
        station: StationCode = None,
        county: County = None,
        password_stdin: FromStdin = False,
    ) -> None:
        """Make an account for staff. The password is asked for, and never shown or kept in plain."""
        if not USERNAME.fullmatch(username):
            _refuse("A user name has 3 to 64 small letters, digits, dots, hyphens, and begins with a letter or digit.")
        if (role in AT_STATION) != bool(station) or (role is Role.COUNTY_ADMIN) != bool(county):
            _refuse("window, officer and manager need --station; county_admin needs --county; others need neither.")
        password = _password(username, email, from_stdin=password_stdin)
        new = NewStaff(username, name or username, email.lower() if email else None, Grant(role, county=county))
        with opened() as url:
            asyncio.run(_with(url, lambda session: _create(session, new, station, password)))
        typer.echo(f"{username} can sign in now, as {role}.")

    @users.command("reset")
    def reset_command(username: Username, password_stdin: FromStdin = False) -> None:
        """Give a new password and take away the second factor; on record."""
        password = _password(username, None, from_stdin=password_stdin)
        with opened() as url:
            if not asyncio.run(_with(url, lambda session: _reset(session, username, password))):
                _refuse(f"There is no user {username}.")
        typer.echo(f"{username} has a new password and no second factor.")

    return users


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def _password(username: str, email: str | None, *, from_stdin: bool) -> str:
    """The new password, asked for twice or read from a pipe; refused in plain words when it is a weak one."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if wrong := faults(password, about=[username, email or ""]):
        _refuse(wrong[0].sentence())
    return password


async def _create(session: WriteSession, new: NewStaff, station: str | None, password: str) -> None:
    grant = new.grant
    if station:
        station_id = await session.scalar(text("SELECT id FROM station WHERE code = upper(:code)"), {"code": station})
        if station_id is None:
            _refuse(f"There is no station {station}.")
        grant = Grant(grant.role, station_id=station_id)
    known = text("SELECT 1 FROM division WHERE adcode = :county")
    if grant.county and not await session.scalar(known, {"county": grant.county}):
        _refuse(f"There is no county {grant.county}.")
    try:
        await create(session, replace(new, grant=grant), await Passwords().hash(password), await now())
    except NameTaken as error:
        _refuse(error.sentence())


async def _reset(session: WriteSession, username: str, password: str) -> bool:
    return await reset(session, username, await Passwords().hash(password), await now())


async def _with(url: str, work: Callable[[WriteSession], Awaitable[T]]) -> T:
    database = Database(url, pool_size=2)
    try:
        async with database.writer() as session:
            done = await work(session)
            await session.commit()
            return done
    finally:
        await database.close()
