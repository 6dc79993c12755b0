"""A network as files: taken in row by row checked and all or nothing, given out again as the same files."""

from app.stations.transfer.exporting import export_network
from app.stations.transfer.faults import Fault, ImportRefused
from app.stations.transfer.importing import import_network
from app.stations.transfer.report import Counts, Report

__all__ = ["Counts", "Fault", "ImportRefused", "Report", "export_network", "import_network"]
