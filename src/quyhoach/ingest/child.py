"""The limited child: `python -m quyhoach.ingest.child`, its job as JSON on standard input.

It limits itself before GDAL or a CAD library is loaded, works on copies in its own folder (external drawings beside
the one handed in are read where they are), prints one JSON line per step and leaves with 0 (layers written), 3 (an
IngestError, as its last line) or whatever killed it.
"""

import json
import logging
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from quyhoach.domain.errors import IngestError
from quyhoach.ingest.limits import Limits, confine

if TYPE_CHECKING:
    from quyhoach.ingest.exchange import Parcel

FAILED = 3
_OUT = sys.stdout


@dataclass(frozen=True, slots=True)
class Job:
    """What to read, where to work, in which encoding ("auto" or a name)."""

    path: Path
    work: Path
    encoding: str
    limits: Limits


def main() -> int:
    """Do the job given on standard input."""
    raw = json.load(sys.stdin)
    job = Job(Path(raw["path"]), Path(raw["work"]), raw["encoding"], Limits(**raw["limits"]))
    confine(job.limits)
    # Libraries that print or log would spoil what the parent reads, or fill the disk.
    sys.stdout = sys.stderr
    logging.disable(logging.CRITICAL)
    try:
        _run(job)
    except IngestError as error:
        _say(error=error.code, params={key: str(value) for key, value in error.params.items()})
        return FAILED
    except MemoryError:
        _say(error="ingest-too-large", params={"file": job.path.name})
        return FAILED
    return 0


def _run(job: Job) -> None:
    from quyhoach.ingest.exchange import write_parcel
    from quyhoach.ingest.formats import is_cad

    folder = job.work / "in"
    folder.mkdir()
    datasets = gather(job.path, folder, job.limits)
    if is_cad(datasets[0].name):
        parcel = _read_drawing(job, datasets, folder)
    else:
        parcel = _read_datasets(job, datasets, folder)
    out = job.work / "out"
    out.mkdir()
    write_parcel(out, parcel)


def _read_datasets(job: Job, datasets: list[Path], folder: Path) -> "Parcel":
    from quyhoach.ingest.exchange import Parcel
    from quyhoach.ingest.gdal import read_datasets, version

    layers = []
    count = 0
    for number, dataset in enumerate(datasets, start=1):
        _say(step="read", file=dataset.name, number=number, of=len(datasets))
        for layer in read_datasets(dataset, folder, job.encoding, job.limits):
            layers.append(layer)
            count += len(layer)
            _say(step="layer", layer=layer.name, features=len(layer))
            if count > job.limits.features or len(layers) > job.limits.layers:
                raise IngestError("ingest-too-large", file=job.path.name)
    return Parcel(version(), layers)


def _read_drawing(job: Job, drawings: list[Path], folder: Path) -> "Parcel":
    """Read the one drawing handed in, or the one of a bundle that the others belong to."""
    import gc

    from quyhoach.ingest.cad import choose_drawing, read_drawing
    from quyhoach.ingest.exchange import Parcel

    alone = not job.path.is_dir() and job.path.suffix.casefold() in (".dxf", ".dwg")
    path = drawings[0] if alone else choose_drawing(drawings, folder, job.path.name, job.limits)
    name = job.path.name if alone else str(path.relative_to(folder))
    beside = sorted(job.path.parent.iterdir()) if alone else drawings
    beside = [entry for entry in beside if entry.suffix.casefold() in (".dxf", ".dwg")]
    work = job.work / "cad"
    work.mkdir()
    # A drawing's tree of entities has no garbage worth looking for; looking for it costs a quarter of the time.
    gc.disable()
    _say(step="read", file=name, number=1, of=1)

    def progress(entities: int) -> None:
        _say(step="read", file=name, entities=entities)

    reading = read_drawing(path, beside, name, job.limits, work, progress)
    for layer in reading.layers:
        _say(step="layer", layer=layer.name, features=len(layer))
    return Parcel(reading.reader, reading.layers, reading.drawing, reading.xrefs)


def gather(path: Path, folder: Path, limits: Limits) -> list[Path]:
    """Copy or unpack what is to be read into `folder`, and list the data sets there, by name; where there are none,
    the drawings.

    Raises IngestError for formats not taken, for nothing to read and for too much."""
    from quyhoach.ingest.archive import unpack
    from quyhoach.ingest.formats import find_format, is_cad, is_dataset, is_known

    if path.is_dir() and not path.name.casefold().endswith(".gdb"):
        _copy_folder(path, folder / path.name, limits)
    else:
        row = find_format(path.name)
        if row.folder != path.is_dir():
            raise IngestError("ingest-unreadable", file=path.name, reason="")
        if row.reader == "archive":
            unpack(path, folder, limits)
        elif row.folder:
            _copy_folder(path, folder / path.name, limits)
        else:
            _copy_file(path, folder, row.companions, limits)
    everything = sorted(entry for entry in folder.rglob("*") if is_known(entry.name))
    inside = [entry for entry in everything if not any(_is_gdb(parent) for parent in entry.parents)]
    datasets = [entry for entry in inside if is_dataset(entry.name) and entry.is_dir() == _is_gdb(entry)]
    drawings = [entry for entry in inside if is_cad(entry.name) and entry.is_file()]
    if not datasets and not drawings:
        for entry in inside:
            find_format(entry.name)  # a bundle of a format that is not read: says so
        raise IngestError("ingest-nothing", file=path.name)
    return datasets or drawings


def _is_gdb(path: Path) -> bool:
    return path.name.casefold().endswith(".gdb")


def _copy_file(path: Path, folder: Path, companions: tuple[str, ...], limits: Limits) -> None:
    """Copy a file and its companions of the same stem, whatever the case of their suffixes."""
    stem = path.name[: len(path.name) - len(path.suffix)].casefold()
    budget = limits.input_bytes
    for entry in sorted(path.parent.iterdir()) if companions else [path]:
        own = entry.name == path.name
        beside = entry.stem.casefold() == stem and entry.suffix.casefold() in companions
        if not (own or beside):
            continue
        if (entry.is_symlink() and not own) or not entry.is_file():
            raise IngestError("ingest-link", file=entry.name)
        budget -= entry.stat().st_size
        if budget < 0:
            raise IngestError("ingest-too-large", file=path.name)
        # One case for all suffixes, so that a driver finds SHP, shx and Dbf alike.
        shutil.copyfile(entry, folder / (path.stem + entry.suffix.casefold()))


def _copy_folder(path: Path, target: Path, limits: Limits) -> None:
    from quyhoach.ingest.formats import belongs, is_known

    budget, entries = limits.input_bytes, 0
    for entry in sorted(path.rglob("*")):
        entries += 1
        if entries > limits.entries:
            raise IngestError("ingest-archive-entries", file=path.name, entries=entries, limit=limits.entries)
        if entry.is_symlink():
            raise IngestError("ingest-link", file=entry.name)
        inside_gdb = any(_is_gdb(parent) for parent in (*entry.relative_to(path.parent).parents,))
        if not entry.is_file() or not (inside_gdb or belongs(entry.name) or is_known(entry.name)):
            continue
        budget -= entry.stat().st_size
        if budget < 0:
            raise IngestError("ingest-too-large", file=path.name)
        copy = target / entry.relative_to(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(entry, copy)


def _say(**line: Any) -> None:
    _OUT.write(json.dumps(line, ensure_ascii=False) + "\n")
    _OUT.flush()


def _leave() -> NoReturn:
    sys.exit(main())


if __name__ == "__main__":
    _leave()
