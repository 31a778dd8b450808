"""Read CAD drawings, in the limited child: entities as layers, and what could not be taken."""

from quyhoach.ingest.cad.drawing import choose_drawing, read_drawing

__all__ = ["choose_drawing", "read_drawing"]
