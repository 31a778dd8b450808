"""Makes tables/units.csv and tables/successions.csv from the package `vietnamadminunits` (63 provinces before 1/7/2025,
34 after). Run by hand when that package changes: `python -m quyhoach.standard.import_units <folder tables>`.

It reads the package's data files and does not import it: importing costs megabytes. What the package has wrong is
put right by the rows of `corrections/`, never here.
"""

import csv
import io
import json
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SOURCE = "VAU"
UNIT_COLUMNS = ("old", "code", "kind", "name", "parent", "province", "lon", "lat", "source")
SUCCESSION_COLUMNS = ("old_code", "new_code", "coverage", "main", "source")
KINDS = {
    "Tỉnh": "province",
    "Huyện": "district",
    "Quận": "urban_district",
    "Thị xã": "town",
    "Xã": "commune",
    "Phường": "ward",
    "Thị trấn": "township",
    "Đặc khu": "special_zone",
}
CITY = "Thành phố"  # a municipality at the first tier, a provincial city at the second
CITY_KINDS = ("municipality", "provincial_city")

_OLD = """SELECT provinceCode, province, provinceLon, provinceLat, provinceKey, districtCode, district, districtLon,
    districtLat, districtKey, wardCode, ward, wardLon, wardLat, wardKey FROM admin_units_legacy"""
_NEW = """SELECT provinceCode, province, provinceLon, provinceLat, provinceKey, wardCode, ward, wardLon, wardLat,
    wardKey FROM admin_units"""


def data_folder() -> Path:
    """Where the installed package keeps its data."""
    spec = find_spec("vietnamadminunits")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("vietnamadminunits")
    return Path(spec.origin).parent / "data"


def import_units(folder: Path) -> tuple[str, str]:
    """The two tables as CSV text, rows in order of key, from the package's data folder."""
    database = sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        old, new = database.execute(_OLD).fetchall(), database.execute(_NEW).fetchall()
    finally:
        database.close()
    converter = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    units = {**_units(old, "1"), **_units(new, "0")}
    rows = sorted(units.values(), key=lambda row: (row[0], len(row[1]), row[1]))
    return _csv(UNIT_COLUMNS, rows), _csv(SUCCESSION_COLUMNS, sorted(_successions(old, new, converter)))


def _units(lines: Iterable[sqlite3.Row], old: str) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for line in lines:
        cells = dict(line)
        province, parent = str(cells["provinceCode"]), ""
        for level, column in enumerate(("province", "district", "ward")):
            code = cells.get(f"{column}Code")
            if code is None:  # there are no districts today, and no communes on five islands before
                continue
            kind, name = _kind_and_name(cells[column], level)
            found[old, code] = (
                old, code, kind, name, parent, province,
                _degrees(cells[f"{column}Lon"]), _degrees(cells[f"{column}Lat"]), SOURCE,
            )  # fmt: skip
            parent = code
    return found


def _kind_and_name(text: str, level: int) -> tuple[str, str]:
    """("commune", "xã Chi Lăng") from "Xã Chi Lăng"."""
    text = unicodedata.normalize("NFC", text).strip()
    kinds = {**KINDS, CITY: CITY_KINDS[min(level, 1)]}
    for prefix, kind in kinds.items():
        if text.casefold().startswith(f"{prefix.casefold()} "):  # the package has "Thành Phố Bắc Kạn"
            return kind, prefix.casefold() + text[len(prefix) :]
    raise ValueError(text)


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}".rstrip("0").rstrip(".")


def _successions(
    old: Iterable[sqlite3.Row], new: Iterable[sqlite3.Row], converter: Mapping[str, Any]
) -> Iterable[tuple[str, ...]]:
    """(old code, new code, coverage, main, source): provinces, communes, and the island districts without communes."""
    old_codes: dict[str, str] = {}
    for line in old:
        old_codes[line["provinceKey"]] = line["provinceCode"]
        key = f"{line['provinceKey']}_{line['districtKey']}_{line['wardKey'] or ''}"
        old_codes[key] = line["wardCode"] or line["districtCode"]
    new_codes: dict[tuple[str, str], str] = {}
    for line in new:
        new_codes[line["provinceKey"], ""] = line["provinceCode"]
        new_codes[line["provinceKey"], line["wardKey"]] = line["wardCode"]
    for province, members in converter["DICT_PROVINCE"].items():
        for key in members:
            yield old_codes[key], new_codes[province, ""], "whole", "1", SOURCE
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, members in wards.items():
            for key in members:
                yield old_codes[key], new_codes[province, ward], "whole", "1", SOURCE
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in divided.items():
            for part in parts:
                main = "1" if part["isDefaultNewWard"] else "0"
                yield old_codes[key], new_codes[province, part["newWardKey"]], "part", main, SOURCE


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Write both tables into the folder given."""
    units, successions = import_units(data_folder())
    target = Path(arguments[0])
    (target / "units.csv").write_bytes(units.encode())
    (target / "successions.csv").write_bytes(successions.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
