"""Who asks for reports is who asks about coverage."""

from tests.coverage.conftest import asker

__all__ = ["asker"]
