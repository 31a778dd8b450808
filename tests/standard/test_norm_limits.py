"""Bounds of norms: rows that can be compared with, or none."""

from datetime import date
from pathlib import Path

import pytest

from quyhoach.domain.errors import WorkspaceError
from quyhoach.standard import load_standard

HEAD = "code,measure,functions,town_class,kinds,min,max,unit,name_vi,valid_from,valid_to,source\n"


def overlay(folder: Path, row: str) -> Path:
    (folder / "norm_limits.csv").write_text(HEAD + row + "\n", encoding="utf-8")
    return folder


def test_rows_of_the_regulation_end_when_the_next_one_comes_in():
    rows = [row for row in load_standard().norm_limits.values() if "QCVN 01:2021" in row.source]
    assert rows
    assert {(row.valid_from, row.valid_to) for row in rows} == {(date(2021, 7, 5), date(2027, 1, 1))}


def test_rows_that_are_no_regulation_say_so():
    for row in load_standard().norm_limits.values():
        assert "QCVN" in row.source or "quy ước" in row.source or "không phải quy định" in row.source


def test_office_changes_a_bound_when_it_overlays_the_row(tmp_path: Path):
    standard = load_standard(overlay(tmp_path, "tang-cao,lot_storeys,,,,,45,tầng,Tầng cao,2027-01-01,,quyết định"))
    row = standard.norm_limits["tang-cao"]
    assert (row.min, row.max, row.valid_from) == (None, 45.0, date(2027, 1, 1))


@pytest.mark.parametrize(
    "row",
    [
        "x,lot_far,,,,,,lần,X,,,s",  # no bound
        "x,lot_far,,,,5,4,lần,X,,,s",
        "x,lot_height,,,,,4,m,X,,,s",
        "x,lot_far,DAT_X,,,,4,lần,X,,,s",
        "x,lot_far,,VI,,,4,lần,X,,,s",
        "x,lot_far,,,town,,4,lần,X,,,s",
    ],
)
def test_row_is_refused_when_it_cannot_be_compared_with(tmp_path: Path, row: str):
    with pytest.raises(WorkspaceError):
        load_standard(overlay(tmp_path, row))
