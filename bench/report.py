"""docs/reference/performance.md from bench/out/results.json: figures, how they were taken, and what falls short."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers import CONSTANT, NGINX, OURS, PEERS, POSTGIS

SMALL = "200k"  # the size that the aims are about
Results = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """One aim of the project with what was found. `found` None: not measured."""

    aim: str
    found: float | None
    good: bool
    shown: str


def write_page(path: Path, results: Results) -> None:
    """Write the page; nothing on it is typed by hand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(results), encoding="utf-8")


def page(results: Results) -> str:
    """The page as Markdown."""
    parts = [
        "# Speed and size, beside peers",
        "Written by `make bench` from `bench/out/results.json`; do not edit. Absolute figures belong to this machine; "
        "the ratios are what counts.",
        _how(results),
        "## Aims and what was found",
        _table(("aim", "found", "reached"), (_target_row(target) for target in targets(results))),
        _shortfalls(results),
        *_sections(results),
        _machine(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _how(results: Results) -> str:
    lines = [
        "The province is invented (`bench/generate.py`): a tessellation without gaps, 60 % of its lots in dense towns, "
        "in plans of about 1,000 lots, with a road corridor for every ten lots and a heritage or flood area for every "
        "fifty. 20,000 questions, 70 % in and near towns. All servers have 2 workers and share 2 cores with wrk and "
        "PostgreSQL. Servers are measured in turn for a few seconds; a ratio is the median over adjacent pairs "
        "(lowest–highest). "
        "Every answer compared holds all members of the contract.",
        "",
        f"- **{OURS}**: `quyhoach serve --read-only`, the public address, every field",
        f"- **{CONSTANT}**: the limit: our server software giving one recorded answer of median size, with headers",
        *(f"- **{peer.name}**: {peer.about}" for peer in PEERS),
    ]
    return "\n".join(lines)


# ── aims ───────────────────────────────────────────────────────────────────────────────────────────────────


def targets(results: Results) -> list[Target]:
    """The aims of the project, each with its figure where it was measured."""
    first = _small(results, "point")
    found = [
        _ratio_target("point look-up, 200k, 32 connections: ≥ 8 × PostGIS", first, POSTGIS, "32", 8),
        _ratio_target("the same: ≥ 0.65 of the constant answer", first, CONSTANT, "32", 0.65),
        _ratio_target("point look-up, 200k, 8 connections: ≥ 5 × PostGIS", first, POSTGIS, "8", 5),
    ]
    scale = next(iter(results.get("scale", {}).values()), None)
    lost = None if scale is None else 1 - next(iter(scale["ratios"].values()))["32"]["median"]
    found.append(_at_most("from 200k to 1M zones it loses ≤ 20 % (32 connections)", lost, 0.2, "{:.0%}"))
    weights = first and first["worker_pss_mib"][OURS]
    found.append(_at_most("a read-only worker at 200k: ≤ 100 MiB PSS", weights and max(weights), 100, "{:.0f} MiB"))
    large = results.get("point", {}).get("1m")
    cold = large and statistics.median(large["cold_s"][OURS])
    found.append(_at_most("first answer after start at 1M: < 1 s", cold, 1, "{:.2f} s"))
    polygon = _small(results, "polygon")
    found.append(_ratio_target("polygon look-up, 200k, 32 connections: ≥ 3 × PostGIS", polygon, POSTGIS, "32", 3))
    found.append(
        _ratio_target("tiles, 32 connections: ≥ 0.5 × nginx by range", _small(results, "tiles"), NGINX, "32", 0.5)
    )
    build = _small(results, "build")
    found.append(
        _at_most(
            "release of 200k zones: ≤ 1.5 × the tile tool's own time", build and build.get("of_tool"), 1.5, "{:.2f} ×"
        )
    )
    share = build["publish_share"] if build and build["publish_compiled"] == 1 else None
    found.append(_at_most("publishing one plan of 300 lots into it: ≤ 5 % of that", share, 0.05, "{:.1%}"))
    return found


def _ratio_target(aim: str, section: Results | None, other: str, connections: str, least: float) -> Target:
    ratio = section and section["ratios"].get(other, {}).get(connections)
    if not ratio:
        return Target(aim, None, False, "not measured")
    return Target(aim, ratio["median"], ratio["median"] >= least, _ratio(ratio))


def _at_most(aim: str, value: float | None, most: float, shown: str) -> Target:
    if value is None:
        return Target(aim, None, False, "not measured")
    return Target(aim, value, value <= most, shown.format(value))


def _target_row(target: Target) -> Sequence[str]:
    return target.aim, target.shown, "—" if target.found is None else "yes" if target.good else "**no**"


def _shortfalls(results: Results) -> str:
    lines = []
    short = [target for target in targets(results) if target.found is not None and not target.good]
    if short:
        lines.append("Short of the aim: " + "; ".join(f"{target.aim} (found {target.shown})" for target in short) + ".")
    for section in ("point", "polygon", "tiles"):
        for size, found in results.get(section, {}).items():
            lines += [f"Left out of {section} {size}: {name}: {why}." for name, why in found["left_out"].items()]
            failed = sum(row["failed"] for row in found["measurements"])
            if failed:
                lines.append(f"{section} {size}: {failed} requests failed.")
    lines += [*_ceiling(results), *NOTES]
    return "\n".join(f"- {line}" for line in lines)


def _ceiling(results: Results) -> Iterable[str]:
    """What the constant answer reaches over PostGIS: no look-up on this server software can reach more."""
    ratios = (_small(results, "point") or {}).get("ratios", {})
    if "32" in ratios.get(POSTGIS, {}) and "32" in ratios.get(CONSTANT, {}):
        most = ratios[POSTGIS]["32"]["median"] / ratios[CONSTANT]["32"]["median"]
        yield (
            f"At 32 connections the constant answer itself is about {most:.1f} × PostGIS: the limit of any look-up "
            f"on this server software here, and 0.65 of it is {0.65 * most:.1f} ×."
        )


NOTES = (
    "The PostGIS app is a strong one: relational tables with GiST indexes, one prepared round trip over a Unix socket "
    "with a generic plan, no reset between requests, plans and names kept in memory, JSON of indicators passed "
    "through, orjson. It answers `pending`, `not_digitised` and `parcels` with constant empty lists, as the bench's "
    "data have none; ours looks for them.",
    "The data have one version a plan, no scans and no documents. Questions are asked without compression, on "
    "keep-alive connections; no client asks with `If-None-Match`.",
    "Start and build figures are with files in the page cache. wrk shares the two cores, so the fastest server pays "
    "most for it.",
)


# ── figures ────────────────────────────────────────────────────────────────────────────────────────────────


def _sections(results: Results) -> Iterable[str]:
    titles = {
        "point": "Point look-up",
        "polygon": "Polygon look-up (POST)",
        "tiles": "Tiles",
        "scale": "200k and 1M side by side",
    }
    for name, title in titles.items():
        for size, found in _by_size(results.get(name, {})):
            yield f"## {title}, {size}"
            yield _measured(found)
            yield _ratios(found)
            yield "\n".join(_remarks(found))
    for size, found in _by_size(results.get("build", {})):
        yield f"## Release build, {size}"
        yield _table(("what", "figure"), _build_rows(found))


def _measured(found: Results) -> str:
    rows = []
    keys = dict.fromkeys((row["server"], row["connections"]) for row in found["measurements"])
    for server, connections in keys:
        mine = [row for row in found["measurements"] if (row["server"], row["connections"]) == (server, connections)]

        def middle(key: str, mine: list[dict[str, Any]] = mine) -> float:
            return float(statistics.median(row[key] for row in mine))

        rates = [row["rps"] for row in mine]
        spread = f"{middle('rps'):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"
        times = f"{middle('p50_ms'):.2f}", f"{middle('p99_ms'):.1f}"
        rows.append((server, str(connections), spread, *times, str(sum(row["failed"] for row in mine))))
    head = ("server", "connections", "requests/s (lowest–highest)", "p50 ms", "p99 ms", "failed")
    return _table(head, sorted(rows, key=lambda row: int(row[1])))


def _ratios(found: Results) -> str:
    rows = [
        (other, connections, _ratio(ratio), str(ratio["pairs"]))
        for other, by_connections in found["ratios"].items()
        for connections, ratio in by_connections.items()
    ]
    return _table(("over", "connections", "ratio (lowest–highest)", "pairs"), rows)


def _remarks(found: Results) -> Iterable[str]:
    if "median_answer_bytes" in found:
        yield f"- Median answer: {found['median_answer_bytes']:,} bytes."
    for name, times in found.get("cold_s", {}).items():
        yield f"- First answer after start, {name}: {statistics.median(times):.2f} s."
    for name, weights in found.get("worker_pss_mib", {}).items():
        yield f"- Memory (PSS) of processes below the first, {name}: {', '.join(f'{w:.0f}' for w in weights)} MiB."
    for name, seen in found.get("agreement", {}).items():
        differ = seen["different_ids"] + seen["different_edges"] + seen["different_members"]
        said = "the same answers" if seen["good"] else f"**{differ} differences**: {seen['examples'][:2]}"
        edge = f", edges at most {seen['largest_edge_m'] * 1000:.1f} mm apart, ours being rounded to a centimetre"
        compared = f"{seen['questions']:,} questions, {seen['zones']:,} zones and restrictions"
        yield f"- {OURS} and {name} on {compared}: {said}{edge}."
    if "mean_bytes" in found:
        mean, median = found["mean_bytes"], found["median_bytes"]
        yield f"- {found['tiles']:,} tiles, mean {mean:,.0f} and median {median:,.0f} bytes."
    yield f"- Taken {found['at']}, load {found['load']} after it."


def _build_rows(found: Results) -> Iterable[Sequence[str]]:
    yield "full build, empty cache", f"{found['full_s']:.1f} s ({found['full_cpu_s']:.1f} s of processor time)"
    published = f"{found['publish_s']:.1f} s ({found['publish_cpu_s']:.1f} s), {found['publish_share']:.1%}"
    if found["publish_compiled"] > 1:  # the code or the standard changed between the two builds
        published += f"; void: {found['publish_compiled']} versions were compiled anew"
    yield "again with one plan of 300 lots more", published
    if "tool_s" in found:
        tool = f"tippecanoe alone on the same features (`{' '.join(found['tool_settings'])}`)"
        yield tool, f"{found['tool_s']:.1f} s ({found['tool_cpu_s']:.1f} s)"
        yield "full build over tippecanoe alone", f"{found['of_tool']:.2f}"
    yield "most memory of one process", f"{found['peak_mib']:.0f} MiB"
    yield (
        "release on disk (files shared with the cache counted in both) / cache",
        (f"{found['release_mib']:,.0f} / {found['cache_mib']:,.0f} MiB"),
    )
    yield "taken", f"{found['at']}, load {found['load']} after it"


def _machine(results: Results) -> str:
    facts, versions = results.get("machine", {}), results.get("versions", {})
    rows = [(str(key), str(value)) for key, value in {**facts, **versions}.items()]
    return "## Machine and versions (of the latest run)\n\n" + _table(("what", "value"), rows)


def _small(results: Results, section: str) -> Any:
    """A section at the size that the aims are about."""
    return results.get(section, {}).get(SMALL)


def _by_size(sections: Results) -> list[tuple[str, Any]]:
    return sorted(sections.items(), key=lambda item: (item[0].endswith("m"), len(item[0]), item[0]))


def _ratio(ratio: Results) -> str:
    return f"{ratio['median']:.2f} ({ratio['low']:.2f}–{ratio['high']:.2f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
