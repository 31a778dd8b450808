"""The limited child: what it says comes back, what stops it is one clear error."""

from dataclasses import replace

import pytest

from quyhoach.cli.confined import INSPECTION, PICTURE, run_confined
from quyhoach.domain.errors import IngestError


def job(sheet, **changes):
    return {"path": str(sheet.path), "dpi": 300, "page": 1, "name": sheet.path.name, **changes}


def test_answer_comes_back(sheet):
    assert run_confined("scan-size", job(sheet), file="a.png", limits=PICTURE)["width"] == sheet.size[0]


def test_error_of_the_job_is_raised_here(sheet, tmp_path):
    path = tmp_path / "a.bmp"
    path.write_bytes(b"BM")
    with pytest.raises(IngestError) as told:
        run_confined("scan-size", job(sheet, path=str(path)), file="a.bmp", limits=PICTURE)
    assert told.value.code == "scan-format"
    assert told.value.params["file"] == "a.bmp"


@pytest.mark.parametrize("limits", [{"memory_bytes": 1 << 20}, {"cpu_seconds": 0}])
def test_child_that_is_stopped_is_one_error(sheet, limits):
    with pytest.raises(IngestError) as told:
        run_confined("scan-size", job(sheet), file="a.png", limits=replace(INSPECTION, **limits))
    assert told.value.code in ("ingest-too-large", "ingest-reader-failed")


def test_picture_that_needs_too_much_memory_is_one_error(sheet, tmp_path):
    from PIL import Image

    path = tmp_path / "large.png"
    Image.new("RGB", (12_000, 12_000), "white").save(path)
    asked = job(sheet, path=str(path), places=[[10, 10]])
    with pytest.raises(IngestError) as told:
        run_confined("scan-snap", asked, file="large.png", limits=replace(PICTURE, memory_bytes=1 << 30))
    assert told.value.code in ("ingest-too-large", "ingest-reader-failed")
