"""Ask a release what is planned at a place: the same answer for command line, API and pages."""

from quyhoach.lookup.engine import Lookup

__all__ = ["Lookup"]
