"""The workspace: what is written comes back; what contradicts itself is refused with the file named."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from quyhoach.domain.errors import WorkspaceError
from quyhoach.domain.plan import Scan, Status, VersionKind
from quyhoach.release.workspace import load_workspace, write_version
from quyhoach.standard.messages import message


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_workspace_comes_back_when_written(small: Any) -> None:
    workspace = load_workspace(small.root)
    assert workspace.province.crs == "EPSG:9215"
    plan = workspace.plans["qhc-nho"]
    assert [version.number for version in plan.versions] == [1, 2, 3]
    assert plan.versions[1].kind is VersionKind.CORRECTION and plan.versions[1].corrects == 1
    assert plan.versions[0].decision and plan.versions[0].decision.date == date(2022, 8, 13)
    assert plan.places[1].old


def test_version_with_scan_comes_back_when_written(small: Any) -> None:
    version = load_workspace(small.root).plans["qhct-giay"].versions[0]
    scan = Scan("0" * 64, "Bản vẽ", "image/png", ((0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 0.5)), 3.2)
    from dataclasses import replace

    written = replace(version, scans=(scan,))
    write_version(small.root, written)
    assert load_workspace(small.root).plans["qhct-giay"].versions[0] == written


@pytest.mark.parametrize(
    ("file", "before", "after", "code"),
    [
        ("province.toml", 'crs = "EPSG:9215"', "", "workspace-missing-field"),
        ("province.toml", "schema = 1", "schema = 9", "workspace-unknown-schema"),
        ("province.toml", "schema = 1", "schema = 1\nillustratve = true", "workspace-unknown-key"),
        ("province.toml", "schema = 1", "schema = = 1", "workspace-not-toml"),
        ("plans/qhc-nho/plan.toml", 'kind = "general"', 'kind = "generel"', "workspace-bad-value"),
        ("plans/qhc-nho/plan.toml", "scale = 5000", 'scale = "5000"', "workspace-bad-value"),
        ("plans/qhc-nho/plan.toml", 'plan_id = "qhc-nho"', 'plan_id = "../x"', "workspace-bad-value"),
        ("plans/qhc-nho/versions/1.toml", "valid_from = 2022-08-13\n", "", "workspace-missing-field"),
        ("plans/qhc-nho/versions/1.toml", "2022-08-13", "2022-13-13", "workspace-not-toml"),
        ("plans/qhc-nho/versions/2.toml", "corrects = 1", "corrects = 7", "workspace-bad-value"),
        ("plans/qhc-nho/versions/2.toml", 'kind = "correction"\n', 'kind = "new"\n', "workspace-bad-value"),
        ("plans/qhc-nho/versions/3.toml", 'status = "pending"', 'status = "paused"', "workspace-bad-value"),
    ],
)
def test_file_is_refused_and_named_when_it_is_wrong(small: Any, file: str, before: str, after: str, code: str) -> None:
    edit(small.root / file, before, after)
    with pytest.raises(WorkspaceError) as caught:
        load_workspace(small.root)
    assert caught.value.code == code
    assert caught.value.params["file"].split(" ")[0] == file
    for lang in ("vi", "en"):
        assert file.rsplit("/", 1)[-1] in message(code, lang, **caught.value.params)


def test_two_versions_in_force_on_one_day_are_refused(small: Any) -> None:
    small.version("qhc-cu", 2, valid_from=date(2020, 1, 1), package="0" * 64)
    with pytest.raises(WorkspaceError) as caught:
        load_workspace(small.root)
    assert caught.value.code == "workspace-two-in-force"
    small.version("qhc-cu", 2, valid_from=date(2022, 8, 13), package="0" * 64)  # the day the first one ends: fine
    load_workspace(small.root)


def test_superseded_version_is_refused_when_its_end_is_missing(small: Any) -> None:
    small.version("qhc-cu", 1, status=Status.SUPERSEDED, package="0" * 64)
    with pytest.raises(WorkspaceError, match="valid_to"):
        load_workspace(small.root)


def test_office_is_refused_when_the_province_has_none_of_that_name(small: Any) -> None:
    small.plan("qhc-nho", ask="abc")
    with pytest.raises(WorkspaceError, match="workspace-unknown-office"):
        load_workspace(small.root)


def test_missing_province_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"province\.toml"):
        load_workspace(tmp_path)
