"""Group chats on loopback, which answer as WeCom, DingTalk and Feishu do, or as they are told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.webhooks.receiver import Answer, Receiver, receiving

WECOM_KEY = "693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa"
DINGTALK_TOKEN = "566cc69da782ec33e42541b09b08551f09fbe864eb8008112e994b43887tail"
FEISHU_TOKEN = "cafe1234-1d6f-48fe-b3c8-00000000f00d"
SIGN = "SEC0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"
WECOM = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={WECOM_KEY}"
DINGTALK = f"https://oapi.dingtalk.com/robot/send?access_token={DINGTALK_TOKEN}"
FEISHU = f"https://open.feishu.cn/open-apis/bot/v2/hook/{FEISHU_TOKEN}"
LARK = f"https://open.larksuite.com/open-apis/bot/v2/hook/{FEISHU_TOKEN}"


def says(status: int = 200, **body: Any) -> Answer:
    """An answer with JSON, as these makers give it."""
    content = orjson.dumps(body)
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + content)

    return answer


WELL = says(errcode=0, errmsg="ok", code=0, msg="success")


@dataclass
class Chats:
    """What arrived; `answer` is what the next message gets."""

    receiver: Receiver = field(repr=False)

    @property
    def url(self) -> str:
        return self.receiver.url.partition("/hooks")[0] + "/"

    @property
    def lines(self) -> list[str]:
        return [each.line for each in self.receiver.taken]

    @property
    def texts(self) -> list[str]:
        """Each message as people read it, whichever way it was put."""
        said = [each.event for each in self.receiver.taken]
        return [each["text"]["content"] if "text" in each else each["content"]["text"] for each in said]

    def answer(self, answer: Answer) -> None:
        self.receiver.answer = answer


@asynccontextmanager
async def chatting() -> AsyncIterator[Chats]:
    async with receiving(WELL) as receiver:
        yield Chats(receiver)
