"""A question as bytes and back, for the process that answers it."""

import io
import json
from dataclasses import fields

import numpy as np

from app.siting.rules.questions import Need, Objective, Places, Question

PLACES = ("points", "stations", "candidates")


def packed(question: Question) -> bytes:
    """NumPy's own format: arrays, and what is no array as JSON."""
    plain = {"objective": question.objective, "most": question.most, "within_km": question.within_km}
    body = json.dumps(plain | {"counties": question.counties, "services": [need.services for need in question.needs]})
    arrays = {f"{name}_{axis}": values for name in PLACES for axis, values in _axes(getattr(question, name))}
    buffer = io.BytesIO()
    np.savez(
        buffer,
        plain=np.frombuffer(body.encode(), np.uint8),
        weight=question.weight,
        county=question.county,
        served=np.array([need.served for need in question.needs]),
        given=np.array([need.given for need in question.needs]),
        **arrays,  # type: ignore[arg-type]  # none of them is called as an option of savez
    )
    return buffer.getvalue()


def _axes(places: Places) -> list[tuple[str, np.ndarray]]:
    return [("lon", places.lon), ("lat", places.lat)]


def unpacked(body: bytes) -> Question:
    """The same question."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        plain = json.loads(arrays["plain"].tobytes())
        needs = zip(plain.pop("services"), arrays["served"], arrays["given"], strict=True)
        values = plain | {name: Places(arrays[f"{name}_lon"], arrays[f"{name}_lat"]) for name in PLACES}
        values |= {
            "objective": Objective(plain["objective"]),
            "counties": tuple(plain["counties"]),
            "weight": arrays["weight"],
            "county": arrays["county"],
            "needs": tuple(Need(*need) for need in needs),
        }
    return Question(**{field.name: values[field.name] for field in fields(Question)})
