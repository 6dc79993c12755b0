"""Starting the provider, and being somebody's browser there."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx
from joserfc.jwk import RSAKey

from tests.accounts.oidc_provider.project import PASSWORD

PROJECT = Path(__file__).with_name("project.py")
BACK = "http://testserver/sign-in/sso/callback"
_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


@dataclass
class RealProvider:
    """The process, its folder and the port it has; started again it keeps its people and its port."""

    folder: Path
    methods: tuple[str, ...] = ("pwd",)
    port: int = 0
    _process: subprocess.Popen[str] | None = field(default=None)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/o"

    def start(self) -> None:
        """With a new key."""
        key = RSAKey.generate_key(2048, private=True)
        (self.folder / "key.pem").write_bytes(key.as_pem(private=True))
        command = [sys.executable, str(PROJECT), str(self.folder), str(self.port), BACK, *self.methods]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert "listening on" in line, "the provider did not start"
        self.port = int(line.rsplit(" ", 1)[1])

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)
            assert self._process.stdout
            self._process.stdout.close()
            self._process = None

    def restart(self) -> None:
        """With another key, as providers do from time to time."""
        self.stop()
        self.start()


def fields(page: str) -> dict[str, str]:
    """The inputs of the form on a page."""
    found = [dict(_ATTRIBUTE.findall(each)) for each in _INPUT.findall(page)]
    return {each["name"]: each.get("value", "") for each in found if "name" in each}


async def agree(address: str, name: str, *, allow: bool = True) -> str:
    """Sign in at the provider and agree (or not): the address to which the browser is sent back."""
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
        login = await browser.get(address)
        sent = fields(login.text) | {"username": name, "password": PASSWORD}
        consent = await browser.post(login.url, data=sent)
        assert consent.status_code == 200, consent.text
        answer = fields(consent.text)
        answer.pop("allow", None)
        answer |= {"allow": "Authorize"} if allow else {}
        browser.follow_redirects = False
        back = await browser.post(consent.url, data=answer)
        assert back.status_code == 302, back.text
        return urljoin(str(consent.url), back.headers["location"])
