"""A workspace's own rows: replacing, adding, taking out; and every way in which they can be wrong."""

import os
import pickle
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quyhoach.domain.errors import WorkspaceError
from quyhoach.standard import load_standard
from quyhoach.standard.messages import catalogue, message
from quyhoach.standard.reading import merge_rows
from quyhoach.standard.tables import TABLES

FUNCTION = "code,list,kind,section,name_vi,name_en,aci,rgb,map_colour,pattern,group,order,source\n"


def write(folder: Path, name: str, text: str | bytes) -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_row_is_replaced_when_its_key_is_known_in_another_case(tmp_path):
    write(tmp_path, "land_use.csv", "code,map_colour\ndat_o_NHOMNHAO,#ABCDEF\n")
    row = load_standard(tmp_path).land_use["dat_o_nhomnhao"]
    assert (row.map_colour, row.name["vi"], row.aci) == ("#abcdef", "Nhóm nhà ở", 42)
    assert load_standard().land_use["dat_o_nhomnhao"].map_colour != "#abcdef"


def test_foreign_code_list_is_added_when_it_names_another_list(tmp_path):
    rows = FUNCTION + "UA,plu,,,Khu đô thị,Urban zone,,,#f7d98c,none,residential,1000,CNIG PLU 2017\n"
    standard = load_standard(write(tmp_path, "land_use.csv", rows))
    assert standard.land_use["ua"].list == "plu"
    assert standard.land_use["ua"].aci is None
    assert len(standard.land_use) == len(load_standard().land_use) + 1


def test_row_is_taken_out_when_dropped(tmp_path):
    write(tmp_path, "successions.csv", "old_code,new_code,drop\n06463,06463,1\n")
    standard = load_standard(tmp_path)
    assert standard.successors("06463") == ()
    assert [unit.name for unit, _ in load_standard().successors("06463")] == ["xã Chi Lăng"]


def test_empty_cell_of_an_overlay_empties_when_the_column_is_there(tmp_path):
    write(tmp_path, "regimes.csv", "code,field,valid_to\nR1,norms,\n")
    assert load_standard(tmp_path).regimes["R1/norms"].valid_to is None


def test_bom_windows_lines_blank_lines_and_decomposed_letters_are_taken(tmp_path):
    text = unicodedata.normalize("NFD", "\ufeffcode,name_vi\r\n\r\ngeneral,  Quy hoạch tổng \r\n,\r\n")
    write(tmp_path, "plan_kinds.csv", text)
    assert load_standard(tmp_path).plan_kinds["general"].name["vi"] == unicodedata.normalize("NFC", "Quy hoạch tổng")


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("land_uses.csv", "code\n", "table-unknown", None),
        ("groups.csv", "code,colour\nwater,#ffffff\n", "table-column-unknown", None),
        ("groups.csv", "code,code\nwater,water\n", "table-column-twice", None),
        ("groups.csv", "map_colour\n#ffffff\n", "table-column-missing", None),
        ("groups.csv", "", "table-column-missing", None),
        ("groups.csv", "code,map_colour\nwater,blue\n", "table-cell-bad", 2),
        ("groups.csv", "code,map_colour\n\nwater,#12345\n", "table-cell-bad", 3),
        ("groups.csv", "code,map_colour\nwater\n", "table-row-length", 2),
        ("groups.csv", "code,map_colour\nwater,#ffffff\nWATER,#ffffff\n", "table-key-twice", 3),
        ("groups.csv", "code,map_colour\n,#ffffff\n", "table-cell-bad", 2),
        ("groups.csv", "code,map_colour\nnew,#ffffff\n", "table-cell-bad", 2),
        ("groups.csv", "code,pattern\nwater,stripes\n", "table-cell-bad", 2),
        ("groups.csv", "code,order\nwater,1.5\n", "table-cell-bad", 2),
        ("groups.csv", "code,drop\nwatr,1\n", "table-drop-unknown", 2),
        ("groups.csv", "code,drop\nwater,yes\n", "table-cell-bad", 2),
        ("groups.csv", "code,drop\nwater,1\n", "table-cell-bad", None),
        ("groups.csv", 'code,name_vi\nwater,"Mặt\n', "table-not-csv", None),
        ("groups.csv", b"code,name_vi\nwater,M\xe3\n", "table-not-utf8", None),
        ("groups.csv", b"code\n" + b"x" * 9_000_000, "table-too-large", None),
        ("land_use.csv", "code,group\nDAT_O_Nhomnhao,housing\n", "table-cell-bad", 2),
        ("land_use.csv", "code,aci\nDAT_O_Nhomnhao,300\n", "table-cell-bad", 2),
        ("land_use.csv", "code,verified_by\nDAT_O_Nhomnhao,Nguyễn Văn A\n", "table-cell-bad", 2),
        ("land_use.csv", "code,verified_by,verified_on\nDAT_O_Nhomnhao,A,2026-02-30\n", "table-cell-bad", 2),
        ("redaction.csv", "function,action,source\nDAT_SECRET,withhold,x\n", "table-cell-bad", 2),
        ("redaction.csv", "function,action\nDAT_Anninh,hide\n", "table-cell-bad", 2),
        ("redaction.csv", "function,valid_from,valid_to\nDAT_Anninh,2026-01-01,2026-01-01\n", "table-cell-bad", 2),
        ("regimes.csv", "code,field,valid_from\nR3,planning,1/1/2026\n", "table-cell-bad", 2),
        ("plan_kinds.csv", "code,themes\ngeneral,land_use noise\n", "table-cell-bad", 2),
        ("plan_kinds.csv", "code,zoom_min\ngeneral,16\n", "table-cell-bad", 2),
        ("scales.csv", "scale,zone_degrees\n500,4\n", "table-cell-bad", 2),
        ("crs_zones.csv", "epsg,central_meridian\n9215,inf\n", "table-cell-bad", 2),
        ("crs_zones.csv", "epsg,central_meridian\n9215,17.25\n", "table-cell-bad", 2),
        ("accuracy.csv", "key,value\ndrawing_mm,-1\n", "table-cell-bad", 2),
        ("accuracy.csv", 'key,value\ndrawing_mm,"0,5"\n', "table-cell-bad", 2),
        ("accuracy.csv", "key,value\ndrawing_mm,1_0\n", "table-cell-bad", 2),
        ("accuracy.csv", "key,value\ndrawing_mm,nan\n", "table-cell-bad", 2),
        ("feature_classes.csv", "database,name,fields\nQuyHoach,CongTrinh_A,maDoiTuong\n", "table-cell-bad", 2),
        ("units.csv", "old,code,parent\n0,06463,99\n", "table-unit-dangling", None),
        ("units.csv", "old,code,drop\n0,06463,1\n", "table-unit-dangling", None),
        ("units.csv", "old,code,lat\n0,06463,91\n", "table-cell-bad", 2),
        (
            "successions.csv",
            "old_code,new_code,coverage,main,source\n06463,99999,whole,1,NQ\n",
            "table-unit-dangling",
            None,
        ),
    ],
)
def test_overlay_is_refused_when_a_row_is_bad(tmp_path, name, text, code, line):
    write(tmp_path, name, text)
    with pytest.raises(WorkspaceError) as caught:
        load_standard(tmp_path)
    assert caught.value.code == code
    if line is not None:
        assert (caught.value.params["path"], caught.value.params["line"]) == (name, line)
    for lang in ("vi", "en"):
        sentence = message(caught.value.code, lang, **caught.value.params)
        assert "{" not in sentence
        assert sentence.endswith(".")


def test_overlay_is_refused_when_its_folder_is_missing(tmp_path):
    with pytest.raises(WorkspaceError) as caught:
        load_standard(tmp_path / "standard")
    assert caught.value.code == "table-folder-missing"


def test_table_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "groups.csv").mkdir()
    with pytest.raises(WorkspaceError) as caught:
        load_standard(tmp_path)
    assert caught.value.code in ("table-unreadable", "table-not-utf8")


def test_standard_is_read_once_when_nothing_changed(tmp_path):
    assert load_standard() is load_standard()
    write(tmp_path, "groups.csv", "code,map_colour\nwater,#000001\n")
    first = load_standard(tmp_path)
    assert load_standard(str(tmp_path)) is first


def test_standard_is_read_again_when_an_overlay_changed(tmp_path):
    write(tmp_path, "groups.csv", "code,map_colour\nwater,#000001\n")
    first = load_standard(tmp_path)
    write(tmp_path, "groups.csv", "code,map_colour\nwater,#000002\n")
    os.utime(tmp_path / "groups.csv", ns=(1, 1))
    assert load_standard(tmp_path).groups["water"].map_colour == "#000002"
    assert first.groups["water"].map_colour == "#000001"


def test_digest_is_the_same_when_lines_and_columns_stand_in_another_order(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write(tmp_path / "a", "groups.csv", "code,map_colour,pattern\nwater,#000001,none\nhealth,#000002,cross\n")
    write(tmp_path / "b", "groups.csv", "pattern,code,map_colour\r\ncross,health,#000002\r\nnone,water,#000001\r\n")
    assert load_standard(tmp_path / "a").digest == load_standard(tmp_path / "b").digest
    assert load_standard(tmp_path / "a").digest != load_standard().digest


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("accuracy.csv", "key,value\ndrawing_mm,0.4\n"),
        ("redaction.csv", "function,valid_to\nDAT_Anninh,2030-01-01\n"),
        ("units.csv", "old,code,lon\n0,06463,106.5\n"),
        ("successions.csv", "old_code,new_code,drop\n06463,06463,1\n"),
        ("crs_zones.csv", "epsg,verified_by,verified_on\n9215,Nguyễn Văn A,2026-11-22\n"),
    ],
)
def test_digest_changes_when_any_value_does(tmp_path, name, text):
    assert load_standard(write(tmp_path, name, text)).digest != load_standard().digest


def test_digest_is_the_same_in_another_process_with_another_hash_seed():
    program = "from quyhoach.standard import load_standard; print(load_standard().digest)"
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == load_standard().digest


def test_standard_arrives_whole_when_sent_to_another_process(tmp_path):
    write(tmp_path, "groups.csv", "code,map_colour\nwater,#000003\n")
    for standard in (load_standard(), load_standard(tmp_path)):
        again = pickle.loads(pickle.dumps(standard))
        assert again.groups == standard.groups


def test_rows_cannot_be_changed():
    standard = load_standard()
    with pytest.raises(TypeError):
        standard.groups["water"] = None
    with pytest.raises(AttributeError):
        standard.groups["water"].map_colour = "#000000"


def test_nothing_heavy_is_imported_when_the_standard_is_loaded():
    program = (
        "import sys; from quyhoach.standard import load_standard; load_standard()\n"
        "from quyhoach.standard.messages import catalogue; catalogue('vi')\n"
        "heavy = ('numpy', 'shapely', 'pyproj', 'pandas', 'sqlite3', 'vietnamadminunits', 'django')\n"
        "print([name for name in heavy if name in sys.modules], 'units' in vars(load_standard()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


CELLS = st.sampled_from(
    ["water", "WATER", "x", "", "1", "-1", "#ffffff", "#fff", "none", "2026-01-01", "\x00", '"', "Đ"]
)


@given(st.sampled_from(TABLES), st.data())
def test_overlay_loads_or_is_refused_by_a_message_when_anything_is_in_it(table, data):
    columns = data.draw(st.lists(st.sampled_from([*table.columns, "drop", "x"]), max_size=6))
    rows = data.draw(st.lists(st.lists(CELLS, max_size=6), max_size=3))
    text = "\n".join(",".join(cells) for cells in [columns, *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder), f"{table.name}.csv", text) / f"{table.name}.csv"
        refused = []
        try:
            for row in merge_rows(table, [path]).values():
                table.build(row)
        except WorkspaceError as error:
            refused.append(error.code)
    assert set(refused) <= set(catalogue("vi"))
