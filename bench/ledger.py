"""A ledger of 10,000 instruments as a file: handed in, looked at row by row, taken in, over HTTP."""

import argparse
import csv
import io
import statistics
import time

from bench.data import Member
from bench.lines import Line
from bench.under import Server

INSTRUMENTS, SECONDS_ASKED = 10_000, 10
HEADS = (
    "器具名称", "型号规格", "测量范围", "准确度等级", "出厂编号", "生产厂家", "使用地点", "行政区划", "数量", "用途",
    "送检方式",
)  # fmt: skip


def imported(under: Server, member: Member, options: argparse.Namespace) -> Line:
    """Each round another ledger's worth, beside those of the rounds before."""
    seconds = statistics.median(_import(under, member, n) for n in range(options.rounds))
    line = Line("a ledger of 10,000, of 10 s", SECONDS_ASKED / seconds, 1, 2, f"{seconds:.1f} s in two calls")
    print(line, flush=True)
    return line


def _import(under: Server, member: Member, number: int) -> float:
    """Seconds from sending the file until it is in the ledger."""
    path = f"/api/v1/organisations/{member.organisation_id}/instruments/imports"
    signed = {"Authorization": f"Bearer {member.token}"}
    file = {"file": ("ledger.csv", _table(number), "text/csv")}
    began = time.perf_counter()
    looked_at = under.client.post(path, files=file, headers=signed)
    looked_at.raise_for_status()
    taken = under.client.post(f"{path}/{looked_at.json()['id']}/take-in", json={}, headers=signed)
    taken.raise_for_status()
    took = time.perf_counter() - began
    if taken.json()["added"] != INSTRUMENTS:
        raise RuntimeError(f"not all were taken in: {taken.text}")
    return took


def _table(number: int) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(HEADS)
    for n in range(INSTRUMENTS):
        serial = f"B{number}-{n:05}"
        gauge = "弹性元件式一般压力表", "Y-100", "(0~1.6) MPa", "1.6级", serial, "红旗仪表"
        rows.writerow((*gauge, f"{n % 40} 号锅炉房", "镜湖区", 1, "安全防护", "送检"))
    return text.getvalue().encode("utf-8-sig")
