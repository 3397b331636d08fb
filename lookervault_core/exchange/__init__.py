"""A snapshot as a directory of files, to keep in git or to carry to another vault: write one, read one."""

from lookervault_core.exchange.manifest import Manifest, read_manifest
from lookervault_core.exchange.reading import ImportReport, import_directory
from lookervault_core.exchange.writing import ExportReport, export_directory

__all__ = ["ExportReport", "ImportReport", "Manifest", "export_directory", "import_directory", "read_manifest"]
