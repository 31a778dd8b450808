"""Small drawings, drawn in the tests themselves with ezdxf."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ezdxf
import pytest
from ezdxf.document import Drawing as Document

from quyhoach.domain.source import DRAWING_FIELDS, Drawing, LeftOut
from quyhoach.ingest.cad import read_drawing
from quyhoach.ingest.cad.drawing import Reading
from quyhoach.ingest.limits import Limits


@dataclass
class Read:
    """What was read, entity by entity: each a dictionary of its fields, with `layer`, `id` and `geometry`."""

    reading: Reading
    entities: list[dict[str, Any]]

    @property
    def drawing(self) -> Drawing:
        return self.reading.drawing

    def only(self) -> dict[str, Any]:
        assert len(self.entities) == 1, self.entities
        return self.entities[0]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [entity for entity in self.entities if entity["entity"] == kind]

    def left(self, reason: str) -> LeftOut:
        found = [row for row in self.drawing.left_out if row.reason == reason]
        assert len(found) == 1, self.drawing.left_out
        return found[0]


ReadFile = Callable[..., Read]
ReadDoc = Callable[..., Read]


@pytest.fixture
def read_file(tmp_path: Path) -> ReadFile:
    """Read a file in this process."""

    def read(path: Path, *, limits: Limits | None = None, beside: Sequence[Path] = ()) -> Read:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        reading = read_drawing(path, beside, path.name, limits or Limits(), work, lambda _: None)
        entities = []
        for layer in reading.layers:
            assert tuple(layer.fields) == DRAWING_FIELDS
            assert len(layer) == len(layer.ids) == len(set(layer.ids))
            for row in range(len(layer)):
                fields = {name: values[row] for name, values in layer.fields.items()}
                entities.append(fields | {"layer": layer.name, "id": layer.ids[row], "geometry": layer.geometry[row]})
        return Read(reading, entities)

    return read


@pytest.fixture
def read_doc(tmp_path: Path, read_file: ReadFile) -> ReadDoc:
    """Save an ezdxf document and read it in this process."""

    def read(doc: Document, *, limits: Limits | None = None, binary: bool = False) -> Read:
        path = tmp_path / "ban-ve.dxf"
        doc.saveas(path, fmt="bin" if binary else "asc")
        return read_file(path, limits=limits)

    return read


@pytest.fixture
def doc() -> Document:
    """An empty drawing with the layers LO and TAT (off), BANG (frozen)."""
    made = ezdxf.new("R2010")
    made.layers.add("LO", color=42)
    made.layers.add("TAT", color=1).off()
    made.layers.add("BANG", color=3).freeze()
    return made
