"""The query of `GET /routes`, read by its model directly.

FastAPI can read a model from the query too, but looks at the type of each field anew on every call: for so many
fields that took as long as the routing itself. The document gets the same parameters from the model's schema.
"""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from app.routing.schemas import RouteParams

LISTS = frozenset({"service"})

_model = TypeAdapter(RouteParams)


def read_params(request: Request) -> RouteParams:
    """The parameters. Raises RequestValidationError, also for an unknown name, or one given twice that isn't a list."""
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name not in given and name not in LISTS:
            given[name] = value
        else:
            given[name] = [*as_list(given.get(name, [])), value]
    try:
        return _model.validate_python(given)
    except ValidationError as error:
        raise RequestValidationError([{**each, "loc": ("query", *each["loc"])} for each in error.errors()]) from None


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 - a text, or the list of those given so far
    return value if isinstance(value, list) else [value]


def parameters() -> list[dict[str, Any]]:
    """The same as OpenAPI parameters, with nothing to look up elsewhere."""
    schema = _model.json_schema()
    required = set(schema["required"])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.get("description", ""),
            "schema": _inlined(field, schema.get("$defs", {})),
        }
        for name, field in schema["properties"].items()
    ]


def _inlined(node: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(node, list):
        return [_inlined(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inlined(definitions[node["$ref"].rsplit("/", 1)[1]], definitions)
    return {key: _inlined(value, definitions) for key, value in node.items() if key not in {"title", "description"}}
