"""What was typed, read from a form."""

from starlette.datastructures import FormData


def text(form: FormData, name: str) -> str:
    """What was typed into a field; files and what is missing are empty."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def texts(form: FormData, name: str) -> list[str]:
    """The same for a field that occurs several times."""
    return [value.strip() for value in form.getlist(name) if isinstance(value, str)]
