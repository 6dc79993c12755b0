"""The OpenAPI document: names that a generated client can be written with, and the problem schema that routes refer to.

An operation is called by its tag and its function (`slots_take_hold`), a model by its class; where several rooms have
a class of that name, by room and class (`HallStepOut`).
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.kit.problems import ProblemOut

REF = "#/components/schemas/{model}"
BODY, SUFFIX = "Body_", re.compile(r"-(Input|Output)$")
Schemas = Mapping[str, Any]


def operation_id(route: APIRoute) -> str:
    """FastAPI's own ids hold path and method: `take_hold_api_v1_holds_post`."""
    return "_".join([*map(str, route.tags[:1]), route.name]).replace("-", "_")


def install_openapi(app: FastAPI) -> None:
    """Make `app.openapi` add ProblemOut and leave out FastAPI's own error schemas, which we never send."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            problem = ProblemOut.model_json_schema(ref_template=REF)
            components = schema.setdefault("components", {}).setdefault("schemas", {})
            components.update(problem.pop("$defs", {}) | {"ProblemOut": problem})
            for name in ("HTTPValidationError", "ValidationError"):
                components.pop(name, None)
            app.openapi_schema = renamed(schema, short_names(components))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to replace the document


def short_names(schemas: Schemas) -> dict[str, str]:
    """What each schema is to be called: FastAPI's `app__hall__schemas__StepOut` becomes `HallStepOut`.

    Raises ValueError when two would have one name, which is to be mended by another name for one of the classes.
    """
    names = {name: _short(name) for name in schemas}
    # Asked for and answered with, an enum may have been named twice.
    for name in filter(SUFFIX.search, schemas):
        [names[name]] = {names[other] for other in schemas if other != name and schemas[other] == schemas[name]}
    kept = [new for name, new in names.items() if not SUFFIX.search(name)]
    if twice := [name for name, times in Counter(kept).items() if times > 1]:
        raise ValueError(f"several models are called {', '.join(twice)}")
    return names


def _short(name: str) -> str:
    if name.startswith(BODY):
        return "".join(part.capitalize() for part in name.split("_"))
    _, room, *_, own = ("", "", *name.split("__")) if "__" not in name else name.split("__")
    return own if own.lower().startswith(room) else f"{room.capitalize()}{own}"


def renamed(document: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The document with other names for its schemas, wherever they are referred to and in their titles."""
    refs = {REF.format(model=old): REF.format(model=new) for old, new in names.items()}
    components = document["components"]
    components["schemas"] = {
        names[name]: schema | {"title": names[name]} for name, schema in components["schemas"].items()
    }
    changed: dict[str, Any] = _referring(document, refs)
    return changed


def _referring(part: Any, refs: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON has
    if isinstance(part, dict):
        return {key: _referring(value, refs) for key, value in part.items()}
    if isinstance(part, list):
        return [_referring(value, refs) for value in part]
    return refs.get(part, part) if isinstance(part, str) else part
