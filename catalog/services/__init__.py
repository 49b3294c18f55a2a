"""Writing to the catalogue. One transaction each, dated by the caller.

importing     the sources: packaged, or a newer api.json
editing       people
"""

from catalog.services.editing import follow_sources, record_edit
from catalog.services.importing import Change, Counts, ImportReport, import_catalog

__all__ = [
    "Change",
    "Counts",
    "ImportReport",
    "follow_sources",
    "import_catalog",
    "record_edit",
]
