"""`quyhoach lookup LON LAT` and `quyhoach lookup --table IN.csv --out OUT.csv`."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from quyhoach.domain.errors import DateError, PlaceError, QuyHoachError, UsageError
from quyhoach.standard.messages import message


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser("lookup", help="tra cứu quy hoạch tại một điểm hoặc cả bảng · ask a release")
    parser.add_argument("x", type=float, nargs="?", metavar="LON", help="longitude, or easting with --crs")
    parser.add_argument("y", type=float, nargs="?", metavar="LAT", help="latitude, or northing with --crs")
    parser.add_argument("--release", type=Path, required=True, help="folder of a release")
    parser.add_argument("--crs", default="4326", help="EPSG code of the coordinates (default: WGS 84)")
    parser.add_argument("--on", default=None, metavar="DATE", help="what was in force on this day (default: today)")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi", help="language of names and sentences")
    parser.add_argument("--table", type=Path, metavar="IN.csv", help="ask for every row of a CSV file")
    parser.add_argument("--out", type=Path, metavar="OUT.csv", help="where the table's answers go")
    parser.add_argument("--x", dest="x_column", default="lon", help="column of the longitude or easting")
    parser.add_argument("--y", dest="y_column", default="lat", help="column of the latitude or northing")
    parser.add_argument("--json", action="store_true", help="the whole answer as JSON")
    parser.set_defaults(run=_lookup)


def parse_day(text: str | None) -> int:
    """YYYY-MM-DD as YYYYMMDD; None is today in Vietnam. Raises DateError."""
    if text is None:
        day = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    else:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise DateError("date-not-a-date", text=text[:40]) from None
    return day.year * 10000 + day.month * 100 + day.day


def _lookup(arguments: argparse.Namespace) -> int:
    from quyhoach.lookup import Lookup
    from quyhoach.lookup.place import epsg_of
    from quyhoach.release.opened import open_release

    lookup = Lookup(open_release(arguments.release))
    epsg, on = epsg_of(arguments.crs), parse_day(arguments.on)
    if arguments.table:
        if arguments.out is None:
            raise UsageError("lookup-needs-out")
        return _table(arguments, lookup, epsg, on)
    if arguments.x is None or arguments.y is None:
        raise UsageError("lookup-needs-place")
    answer = _ask(lookup, arguments.x, arguments.y, epsg, on, arguments.lang)
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        for line in describe_answer(answer, arguments.lang):
            print(line)
    return 0


def _ask(lookup: Any, x: float, y: float, epsg: int, on: int, lang: str) -> dict[str, Any]:
    from quyhoach.lookup.place import locate

    place = locate(x, y, epsg, lookup.extent)
    answer: dict[str, Any] = json.loads(lookup.at(place.lon, place.lat, on=on, lang=lang))
    return answer


def describe_answer(answer: dict[str, Any], lang: str) -> Iterator[str]:
    """An answer in plain lines: what is planned, since which decision, how sure, what may change, what disagrees."""
    unit = answer["unit"]["name"] if answer["unit"] else "—"
    yield f"{answer['at']['lon']}, {answer['at']['lat']} · {unit} · {answer['on']}"
    for zone in answer["zones"]:
        yield from _describe_zone(zone, lang)
    if not answer["zones"]:
        yield message(f"lookup-{answer['themes'].get('land_use', 'no_data')}".replace("_", "-"), lang)
    for row in answer["restrictions"]:
        yield f"  ! {row['name']}: {row['rule']}"
    for plan in answer["not_digitised"]:
        yield message("lookup-on-paper", lang, plan=plan["plan_name"])
    for zone in answer["pending"]:
        if zone["change"] != "same_function":
            function = zone["function"]["name"] if zone["function"] else "—"
            yield message("lookup-pending", lang, plan=zone["plan_name"], function=function)
    for conflict in answer["conflicts"]:
        yield message("lookup-conflict", lang, zones=" / ".join(conflict["zones"]))
    yield message("lookup-ask", lang, office=answer["ask"]["office"], phone=answer["ask"]["phone"] or "—")
    yield answer["note"]


def _describe_zone(zone: dict[str, Any], lang: str) -> Iterator[str]:
    function = zone["function"]["name"] if zone["function"] else "—"
    decision = zone["decision"]["number"] if zone["decision"] else "—"
    yield message(
        "lookup-zone", lang, label=zone["label"], function=function, plan=zone["plan_name"], decision=decision
    )
    for name, value in zone["indicators"].items():
        yield f"    {message(f'indicator-{name}', lang)}: {value['raw']}"
    attested = message("lookup-attested" if zone["attested"] else "lookup-not-attested", lang)
    since = zone["valid_from"] or "—"
    yield message("lookup-in-force", lang, since=since, attested=attested, accuracy=zone["accuracy_m"])
    yield message("lookup-edge", lang, distance=zone["edge_distance_m"])
    if zone["illustrative"]:
        yield message("lookup-illustrative", lang)


COLUMNS = ("zone_id", "plan_id", "version", "label", "function", "function_name", "density", "storeys", "far")


def _table(arguments: argparse.Namespace, lookup: Any, epsg: int, on: int) -> int:
    """One row per (input row, zone); a row without zone keeps one line with its state or its error."""
    failed = 0
    with (
        arguments.table.open(newline="", encoding="utf-8-sig") as source,
        arguments.out.open("w", newline="", encoding="utf-8") as target,
    ):
        rows = csv.DictReader(source)
        names = list(rows.fieldnames or [])
        for column in (arguments.x_column, arguments.y_column):
            if column not in names:
                raise UsageError("lookup-no-column", column=column)
        writer = _writer(target, names)
        for row in rows:
            try:
                answer = _ask(
                    lookup, _number(row[arguments.x_column]), _number(row[arguments.y_column]), epsg, on, arguments.lang
                )
            except QuyHoachError as error:
                failed += 1
                writer.writerow(row | {"state": message(error.code, arguments.lang, **error.params)})
                continue
            for cells in _rows(answer):
                writer.writerow(row | cells)
    if failed:
        print(message("lookup-rows-failed", arguments.lang, count=failed), file=sys.stderr)
    return 1 if failed else 0


def _writer(target: TextIO, names: list[str]) -> "csv.DictWriter[str]":
    writer = csv.DictWriter(target, [*names, "state", *COLUMNS], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    return writer


def _rows(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    state = answer["themes"].get("land_use", "")
    for zone in answer["zones"]:
        function = zone["function"] or {"code": "", "name": ""}
        raw = {name: value["raw"] for name, value in zone["indicators"].items()}
        yield {
            "state": state,
            "zone_id": zone["zone_id"],
            "plan_id": zone["plan_id"],
            "version": zone["version"],
            "label": zone["label"],
            "function": function["code"],
            "function_name": function["name"],
            **raw,
        }
    if not answer["zones"]:
        yield {"state": state}


def _number(text: str | None) -> float:
    try:
        return float((text or "").strip().replace(",", "."))
    except ValueError:
        raise PlaceError("place-not-a-number", text=(text or "")[:40]) from None
