"""Files in, layers out: formats, hostile archives, the limited child that reads, and what a mapping says of them."""

from quyhoach.ingest.formats import FORMATS, Format
from quyhoach.ingest.limits import Limits
from quyhoach.ingest.mapping import load_mapping, parse_mapping
from quyhoach.ingest.reading import Progress, hash_source, read_source
from quyhoach.ingest.suggest import render_mapping, suggest_mapping

__all__ = [
    "FORMATS",
    "Format",
    "Limits",
    "Progress",
    "hash_source",
    "load_mapping",
    "parse_mapping",
    "read_source",
    "render_mapping",
    "suggest_mapping",
]
