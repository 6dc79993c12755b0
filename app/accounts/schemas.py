"""What the JSON door of this room sends."""

from pydantic import Field

from app.kit.schemas import Out


class ConsentOut(Out):
    """The privacy notice in force. The texts are plain: `# ` a title, `## ` a heading, `- ` an item of a list."""

    version: str = Field(examples=["2026-11-23"], description="What `consent_version` of a request must name.")
    text_zh: str
    text_en: str
