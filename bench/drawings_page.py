"""docs/reference/drawings.md from bench/out/drawings.json: figures, aims beside them, nothing typed by hand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

LEVELS = {"clean": "sạch · clean", "medium": "vừa · medium", "hard": "khó · hard"}
SHARES = ("function", "label_code", "density", "storeys", "far", "population")
NAMES = {
    "function": "chức năng · function", "label_code": "ký hiệu · code", "density": "mật độ · density",
    "storeys": "tầng cao · storeys", "far": "hệ số · FAR", "population": "dân số · people",
}  # fmt: skip
FORBIDDEN = ("legend", "off_old", "frozen_old", "paper")  # false lots that may never be
Results = Mapping[str, Any]
Row = Mapping[str, Any]


def write_page(path: Path, results: Results) -> None:
    """Write the page."""
    path.write_text(page(results), encoding="utf-8")


def page(results: Results) -> str:
    """The page as Markdown, Vietnamese then English."""
    parts = [
        "# Bản vẽ CAD: đọc đúng đến đâu, nhanh đến đâu · CAD drawings: how exact, how fast",
        f"Do `python -m bench --section drawings` viết ngày {results['at'][:10]}; không sửa tay. · Written by the "
        "bench; do not edit.",
        _how(),
        "## Mục tiêu và kết quả · Aims and what was found",
        _table(("mục tiêu · aim", "kết quả · found", "đạt · reached"), _aims(results)),
        "## Có bảng ánh xạ của cán bộ · With the operator's mapping",
        _cases(results, "mapping"),
        "## Không có bảng ánh xạ: `suggest-mapping`, nhận nguyên · Without: `suggest-mapping`, accepted as it stands",
        _cases(results, "suggested"),
        "## Lỗi cài sẵn, theo loại · Planted faults, by kind",
        _faults(results),
        "## Thời gian và bộ nhớ · Time and memory",
        _sizes(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _how() -> str:
    lines = (
        "`dev`: bản vẽ thử dùng chung, không nằm trong kho mã · the shared development drawings, not in here. "
        "`generated`: do `quyhoach.demo.cad` tự vẽ theo 16 thói quen · drawn by us, sixteen habits of consultants. "
        "`chance`: thói quen ghép ngẫu nhiên · habits put together by chance.",
        "Một lô coi là tìm thấy khi phần chung ≥ 95 % phần hợp (IoU); F1 gộp lô thiếu và lô thừa; thuộc tính: tỷ lệ "
        "đúng trong các lô tìm thấy · a lot is found at IoU ≥ 0.95; F1 joins what is missing and too much; shares "
        "are of the lots found.",
        "Lỗi cài sẵn: có phát hiện hoặc sửa chữa trong vòng 5 m; trong ngoặc: đúng loại lỗi ấy · planted faults: a "
        "finding or repair within 5 m; in brackets: one that speaks of that kind of fault.",
        "Thời gian: cả lệnh `quyhoach standardise` so với một tiến trình chỉ gọi `ezdxf.readfile`; bộ nhớ: tiến trình "
        "và các con cùng lúc · time: the whole command beside a process that only calls `ezdxf.readfile`; memory: the "
        "process and its children at once.",
    )
    return "\n".join(f"- {line}" for line in lines)


# ── aims ───────────────────────────────────────────────────────────────────────────────────────────────────


def _aims(results: Results) -> Iterable[Sequence[str]]:
    for family in ("dev", "generated", "chance"):
        rows = {name: row for name, row in results["cases"].items() if row["set"] == family}
        if rows:
            yield from _family_aims(family, rows)
    yield from _size_aims(results)


def _family_aims(family: str, rows: Mapping[str, Row]) -> Iterable[Sequence[str]]:
    for level in LEVELS:
        f1 = [_f1(row["mapping"]) for row in rows.values() if row["level"] == level]
        if f1:
            yield _aim(f"{family}, {level}: F1 ≥ 0.995 (trung bình · mean)", mean(f1), 0.995)
    yield _aim(f"{family}: F1 ≥ 0.98 (thấp nhất · lowest)", min(_f1(row["mapping"]) for row in rows.values()), 0.98)
    for what in SHARES:
        share = _pooled([row["mapping"] for row in rows.values()], what)
        yield _aim(f"{family}: {NAMES[what]}", share, 0.99 if what in SHARES[:2] else 0.98)
    wrong = sum(count for row in rows.values() for way in ("mapping", "suggested")
                for kind, count in row[way].get("false", {}).items() if kind in FORBIDDEN)  # fmt: skip
    yield (f"{family}: không lô nào từ chú giải, lớp tắt, giấy in · no lot from legend, old layer, paper", str(wrong),
           _yes(wrong == 0))  # fmt: skip
    named, by_kind, planted = _recall(row["mapping"] for row in rows.values())
    if planted:
        yield _aim(f"{family}: lỗi cài sẵn được nêu trong 5 m · planted faults named within 5 m", named / planted, 0.95)
        yield _aim(f"{family}: … đúng loại · … of that kind", by_kind / planted, None)
    errors = sum(sum(row["mapping"].get("errors", {}).values()) for row in rows.values() if row["level"] == "clean")
    yield f"{family}: lỗi nặng trên bản vẽ sạch · errors on clean drawings = 0", str(errors), _yes(errors == 0)
    for level, least in (("clean", 0.97), ("medium", 0.90), ("hard", 0.90)):
        f1 = [_f1(row["suggested"]) for row in rows.values() if row["level"] == level]
        if f1:
            yield _aim(f"{family}, {level}, không ánh xạ · no mapping: F1 ≥ {least}", mean(f1), least)
    share = _pooled([row["suggested"] for row in rows.values()], "function")
    yield _aim(f"{family}, không ánh xạ · no mapping: {NAMES['function']}", share, 0.95)


def _size_aims(results: Results) -> Iterable[Sequence[str]]:
    for name, row in results["sizes"].items():
        if name.endswith("20000") and "ratio" in row:
            ratio = row.get("cpu_ratio", row["ratio"])
            shown = f"{ratio:.2f} × (CPU), {row['ratio']:.2f} ×"
            yield f"{name}: ≤ 3 × ezdxf.readfile", shown, _yes(ratio <= 3)
            yield f"{name}: < 2 GB", f"{row['mib']} MiB", _yes(row["mib"] < 1907)


def _aim(aim: str, value: float | None, least: float | None) -> Sequence[str]:
    if value is None:
        return aim, "—", "—"
    wanted = "" if least is None or "≥" in aim else f" ≥ {least}"
    return aim + wanted, f"{value:.4f}", "—" if least is None else _yes(value >= least)


def _yes(good: bool) -> str:
    return "có · yes" if good else "**không · no**"


def _f1(row: Row) -> float:
    return float(row.get("f1", 0.0))


def _pooled(rows: Sequence[Row], what: str) -> float | None:
    """The share over all drawings together."""
    total = sum(row.get("right_all", {}).get(what, 0) for row in rows)
    return sum(row.get("right_good", {}).get(what, 0) for row in rows) / total if total else None


def _recall(rows: Iterable[Row]) -> tuple[int, int, int]:
    found = [(row.get("named", {}), row.get("named_by_kind", {}), row.get("planted", {})) for row in rows]
    return (sum(sum(row[0].values()) for row in found), sum(sum(row[1].values()) for row in found),
            sum(sum(row[2].values()) for row in found))  # fmt: skip


# ── tables ─────────────────────────────────────────────────────────────────────────────────────────────────


def _cases(results: Results, way: str) -> str:
    head = ("bản vẽ · drawing", "mức · level", "lô · lots", "F1", *(NAMES[what].split(" · ")[1] for what in SHARES),
            "lô thừa · false", "lỗi · faults", "nặng · errors", "s")  # fmt: skip
    return _table(head, (_case_row(name, row["level"], row[way]) for name, row in results["cases"].items()))


def _case_row(name: str, level: str, row: Row) -> Sequence[str]:
    if "failed" in row:
        return name, level, *("—",) * (len(SHARES) + 5), f"{row.get('seconds', 0):.1f}"
    false = ", ".join(f"{kind} {count}" for kind, count in sorted(row["false"].items())) or "0"
    named, by_kind, planted = _recall([row])
    faults = f"{named}/{planted} ({by_kind})" if planted else "—"
    shares = (f"{row['right'][what]:.3f}" if what in row["right"] else "—" for what in SHARES)
    errors = str(sum(row["errors"].values()))
    return name, level, str(row["lots"]), f"{row['f1']:.4f}", *shares, false, faults, errors, f"{row['seconds']:.1f}"


def _faults(results: Results) -> str:
    planted: Counter[str] = Counter()
    named: Counter[str] = Counter()
    by_kind: Counter[str] = Counter()
    for row in results["cases"].values():
        planted.update(row["mapping"].get("planted", {}))
        named.update(row["mapping"].get("named", {}))
        by_kind.update(row["mapping"].get("named_by_kind", {}))
    rows = ((kind, str(count), f"{named[kind] / count:.3f}", f"{by_kind[kind] / count:.3f}")
            for kind, count in sorted(planted.items()))  # fmt: skip
    return _table(("lỗi · fault", "cài · planted", "≤ 5 m", "đúng loại · of its kind"), rows)


def _sizes(results: Results) -> str:
    head = ("bản vẽ · drawing", "lô · lots", "MB", "s", "ezdxf s", "×", "× (CPU)", "MiB", "ezdxf MiB", "F1")
    rows: list[Sequence[str]] = []
    for name, row in results["sizes"].items():
        if "failed" in row:
            rows.append((name, *("—",) * 9))
            continue
        keys = ("lots", "megabytes", "seconds", "ezdxf_seconds", "ratio", "cpu_ratio", "mib", "ezdxf_mib", "f1")
        rows.append((name, *(str(row.get(key, "—")) for key in keys)))
    return _table(head, rows) if rows else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)
