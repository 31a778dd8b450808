"""Drawings to packages, measured: lots and their labels against the truth, planted faults, time, memory.

Cases: the development drawings where `../shared` is, and drawings of our own of many habits (`quyhoach.demo.cad`). Each
is read with the operator's mapping, and with the one that `suggest-mapping` writes, accepted as it stands."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.weigh import Weighed, weigh

HERE = Path(__file__).parent
DATA, OUT = HERE / "data" / "drawings", HERE / "out" / "drawings"
DEV = HERE.parents[1] / "shared" / "drawings" / "dev"
RESULTS = HERE / "out" / "drawings.json"
PAGE = HERE.parent / "docs" / "reference" / "drawings.md"
SIZES = (1000, 5000, 20_000)
QUICK = ("accents_mtext", "vni_linework_mmswap", "rotated_one_layer")
CHANCES = 24  # drawings of habits put together by chance
LIMIT = 560  # seconds for one command
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Case:
    """A drawing with its truth."""

    id: str
    set: str  # dev | generated
    level: str
    folder: Path

    @property
    def drawing(self) -> Path:
        return self.folder / "drawing.dxf"


def measure(progress: Progress, *, quick: bool = False, only: Sequence[str] = (), sizes: Sequence[int] = SIZES,
            keep: bool = False) -> dict[str, Any]:  # fmt: skip
    """Everything, as plain values; written to bench/out/drawings.json and, unless `quick`, to the docs.

    `only`: parts of case ids; other cases keep their earlier figures when `keep`."""
    results: dict[str, Any] = _earlier() if keep else {"cases": {}, "sizes": {}}
    results["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    for case in (*cases(quick), *chance_cases(CHANCES if not quick else 0)):
        if only and not any(part in case.id for part in only):
            continue
        results["cases"][case.id] = {"set": case.set, "level": case.level} | run_case(case, progress)
        _write(results)
    for size in sizes if not quick else ():
        for kind in ("closed", "linework"):
            found = time_size(kind, size, progress)
            results["sizes"][f"{kind} {size}"] = found
            _write(results)
    if not quick:
        from bench.drawings_page import write_page

        write_page(PAGE, results)
    return results


def cases(quick: bool = False) -> Iterator[Case]:
    """Development drawings, then our own, drawn when they are not there yet."""
    if DEV.is_dir() and not quick:
        for folder in sorted(DEV.iterdir()):
            facts = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
            yield Case(folder.name, "dev", facts["level"], folder)
    from quyhoach.demo.cad import HABITS

    for habit in HABITS:
        if quick and habit.name not in QUICK:
            continue
        yield Case(habit.name, "generated", habit.level, _drawn(habit.name, habit, 450 if habit.detail else 320))


def chance_cases(count: int, first: int = 0) -> Iterator[Case]:
    """Drawings of habits put together by chance."""
    from quyhoach.demo.cad import chance_habit

    for seed in range(first, first + count):
        habit = chance_habit(seed)
        yield Case(habit.name, "chance", habit.level, _drawn(habit.name, habit, 260 if habit.detail else 130))


def _drawn(name: str, habit: Any, lots: int) -> Path:
    """The folder of a generated drawing; drawn anew when the generator has changed."""
    from quyhoach.demo.cad import draw_consultant_drawing

    folder = DATA / name
    stamp = folder / "generator"
    state = f"{_generator_state()} {habit}"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != state:
        draw_consultant_drawing(folder, habit, seed=1, lots=lots)
        stamp.write_text(state, encoding="utf-8")
    return folder


def _generator_state() -> str:
    import hashlib

    import quyhoach.demo.cad

    digest = hashlib.sha256()
    for path in sorted(Path(quyhoach.demo.cad.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# ── one drawing ────────────────────────────────────────────────────────────────────────────────────────────


def run_case(case: Case, progress: Progress) -> dict[str, Any]:
    """Both ways of reading one drawing: `mapping` and `suggested`."""
    out = OUT / case.id
    out.mkdir(parents=True, exist_ok=True)
    found = {"mapping": _read(case, out / "mapping.gpkg", case.folder / "mapping.toml")}
    suggested = out / "suggested.toml"
    suggested.unlink(missing_ok=True)
    told = weigh(_command("suggest-mapping", str(case.drawing), "--crs", "EPSG:9215", "--out", str(suggested)), LIMIT)
    if told.code == 0:
        found["suggested"] = _read(case, out / "suggested.gpkg", suggested)
    else:
        found["suggested"] = {"failed": told.tail}
    for way, row in found.items():
        progress(f"{case.id} {way}: {_short(row)}")
    return found


def _read(case: Case, package: Path, mapping: Path) -> dict[str, Any]:
    from bench.defect_score import recall
    from bench.drawing_score import score

    package.unlink(missing_ok=True)
    command = _command(
        "standardise", str(case.drawing), "--mapping", str(mapping), "--crs", "EPSG:9215", "--out", str(package)
    )
    told = weigh(command, LIMIT)
    (package.with_suffix(".log")).write_text(told.output, encoding="utf-8")
    if not package.exists():
        return {"failed": told.tail, "seconds": told.seconds}
    result = score(case.folder / "truth.gpkg", package)
    faults = recall(case.folder / "truth.json", package)
    return {
        "lots": result.truth_lots, "given": result.output_lots, "matched": result.matched, "f1": result.f1,
        "right": result.right.shares(), "right_good": dict(result.right.good), "right_all": dict(result.right.all),
        "invented": result.invented.shares(), "false": dict(result.false_by_kind), "neutral": dict(result.neutral),
        "missed": dict(result.missed), "planted": dict(faults.planted), "named": dict(faults.named),
        "named_by_kind": dict(faults.named_by_kind), "errors": dict(faults.errors), "warnings": faults.warnings,
        "seconds": round(told.seconds, 2), "mib": told.mib,
    }  # fmt: skip


def _short(row: dict[str, Any]) -> str:
    from bench.drawing_score import WRITTEN

    if "failed" in row:
        return f"FAILED: {row['failed'][-300:]}"
    planted, named = sum(row["planted"].values()), sum(row["named"].values())
    right = row["right"]
    parts = [f"F1 {row['f1']:.3f}"]
    parts += [f"{what} {right[what]:.3f}" for what in WRITTEN[:6] if what in right]
    parts += [f"false {row['false']}", f"faults {named}/{planted}", f"errors {sum(row['errors'].values())}"]
    return ", ".join([*parts, f"{row['seconds']:.1f} s"])


def _command(*words: str) -> list[str]:
    return [str(Path(sys.executable).parent / "quyhoach"), *words]


# ── size ───────────────────────────────────────────────────────────────────────────────────────────────────


def time_size(kind: str, lots: int, progress: Progress, rounds: int = 2) -> dict[str, Any]:
    """The whole pipeline beside `ezdxf.readfile` alone, each in a process of its own, in turn; the best of each."""
    from quyhoach.demo.cad import HABITS

    base = next(habit for habit in HABITS if habit.name == "blocks_minsert")
    habit = replace(
        base, name=f"size_{kind}_{lots}", lots=kind, frame="9215", marks="cross",
        by="layer" if kind == "closed" else "prefix", map_crs="EPSG:9215",
        extras=("balance", "roads", "legend_layers"),
        defects=("overlap", "tiny_gap", "duplicate", "no_label") if kind == "closed"
        else ("gap", "overshoot", "duplicate_line", "no_label"),
    )  # fmt: skip
    folder = _drawn(habit.name, habit, lots)
    case = Case(habit.name, "size", "medium", folder)
    peer = [sys.executable, "-c", "import sys, ezdxf; ezdxf.readfile(sys.argv[1])", str(case.drawing)]
    package = OUT / f"{habit.name}.gpkg"
    OUT.mkdir(parents=True, exist_ok=True)
    ours = _command("standardise", str(case.drawing), "--mapping", str(folder / "mapping.toml"), "--crs", "EPSG:9215",
                    "--out", str(package))  # fmt: skip
    mine: list[Weighed] = []
    theirs: list[Weighed] = []
    for _ in range(rounds):
        theirs.append(weigh(peer, LIMIT))
        package.unlink(missing_ok=True)
        mine.append(weigh(ours, LIMIT))
    if not package.exists():
        progress(f"{habit.name}: FAILED {mine[-1].tail}")
        return {"failed": mine[-1].tail}
    from bench.drawing_score import score

    best, peer_best = min(row.seconds for row in mine), min(row.seconds for row in theirs)
    result = score(folder / "truth.gpkg", package)
    found = {
        "lots": result.truth_lots, "megabytes": round(case.drawing.stat().st_size / 1e6, 1), "seconds": round(best, 2),
        "ezdxf_seconds": round(peer_best, 2), "ratio": round(best / peer_best, 2),
        "cpu_ratio": round(min(row.cpu for row in mine) / min(row.cpu for row in theirs), 2),
        "mib": max(row.mib for row in mine),
        "ezdxf_mib": max(row.mib for row in theirs), "f1": result.f1,
    }  # fmt: skip
    progress(f"{habit.name}: {found}")
    return found


def _earlier() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return {"cases": {}, "sizes": {}} | found


def _write(results: dict[str, Any]) -> None:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, ensure_ascii=False, indent=1), encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """`python -m bench.drawings [--quick] [--keep] [--no-sizes] [part of an id …]`: this section alone."""
    names = [word for word in arguments if not word.startswith("--")]

    def tell(text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)

    sizes = () if names or "--no-sizes" in arguments else SIZES
    results = measure(
        tell, quick="--quick" in arguments, only=names, sizes=sizes, keep="--keep" in arguments or bool(names)
    )
    return 1 if failed(results) else 0


def failed(results: dict[str, Any]) -> bool:
    """Whether a drawing could not be read at all."""
    return any("failed" in row[way] for row in results["cases"].values() for way in ("mapping", "suggested"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
