"""What was accepted for a consultant is kept, and proposed for that consultant's next drawing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_suggest import by_name, grid, labels, lots_by_prefix, outline, work

from quyhoach.domain.errors import WorkspaceError
from quyhoach.domain.mapping import ColourRule, FunctionRule, LayerRule, PrefixRule, SourceMapping, escape_glob, matches
from quyhoach.standardise.memory import Memory, consultants, layer_rule, recall, remember, unescape_glob
from quyhoach.standardise.suggest import suggest_drawing

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MAPPING = SourceMapping(
    crs="EPSG:9215",
    layers=(LayerRule("QH_DAT O*", "lot", "DAT_O_Nhomnhao"), LayerRule("907", "lot_edge")),
    functions=(FunctionRule("ONT*", "DAT_O_Langxom"),),
    colours=(ColourRule("DAT_HTXH_Yte", aci=220), ColourRule("DAT_Anninh", rgb="#00ff00")),
    prefixes=(PrefixRule("ZZ", "DAT_Quocphong"),),
)


def test_rules_come_back_when_they_were_remembered(tmp_path):
    kept = remember(tmp_path, "cty-a", MAPPING, "f1", NOW)
    assert recall(tmp_path, "cty-a") == kept
    assert [rule.count for rule in kept.rules] == [1] * 6
    assert layer_rule(kept.for_layer("907"), "907") == LayerRule("907", "lot_edge", guessed=("remembered",))
    assert kept.for_layer("qh_đat o moi") is None
    assert kept.for_layer("QH_DAT O MOI").values["function"] == "DAT_O_Nhomnhao"
    assert kept.history == ((NOW.isoformat(), "f1", 6),)
    assert consultants(tmp_path) == ("cty-a",)


def test_nothing_is_known_when_it_was_another_consultant(tmp_path):
    remember(tmp_path, "cty-a", MAPPING, "f1", NOW)
    assert recall(tmp_path, "cty-b") == Memory("cty-b")


def test_count_stays_when_the_same_drawing_is_accepted_again(tmp_path):
    remember(tmp_path, "cty-a", MAPPING, "f1", NOW)
    again = remember(tmp_path, "cty-a", MAPPING, "f1", NOW + timedelta(days=1))
    other = remember(tmp_path, "cty-a", MAPPING, "f2", NOW + timedelta(days=2))
    assert {rule.count for rule in again.rules} == {1}
    assert {rule.count for rule in other.rules} == {2}
    assert len(other.history) == 2


def test_newest_counts_and_both_are_kept_when_two_drawings_differ(tmp_path):
    remember(tmp_path, "cty-a", MAPPING, "f1", NOW)
    changed = SourceMapping(layers=(LayerRule("907", "ignore"),), prefixes=(PrefixRule("zz", "DAT_Anninh"),))
    memory = remember(tmp_path, "cty-a", changed, "f2", NOW + timedelta(days=1))
    rule = memory.for_layer("907")
    assert rule.values["role"] == "ignore"
    assert [other.values["role"] for other in memory.older(rule)] == ["lot_edge"]
    assert [rule.values["function"] for rule in memory.current("prefix")] == ["DAT_Anninh"]
    back = remember(tmp_path, "cty-a", MAPPING, "f3", NOW + timedelta(days=2))
    assert back.for_layer("907").values["role"] == "lot_edge"


def test_unchecked_guesses_are_passed_over_when_they_are_still_marked(tmp_path):
    guess = SourceMapping(layers=(LayerRule("1", "lot", guessed=("role",)), LayerRule("2", "road")))
    memory = remember(tmp_path, "cty-a", guess, "f1", NOW)
    assert [rule.values["match"] for rule in memory.rules] == ["2"]
    assert memory.skipped == 1
    assert len(remember(tmp_path, "cty-a", guess, "f1", NOW, guesses_too=True).rules) == 2


def test_remembered_rule_stays_remembered_when_it_is_accepted_as_it_stands(tmp_path):
    mapping = SourceMapping(layers=(LayerRule("1", "lot", guessed=("remembered",)),))
    assert len(remember(tmp_path, "cty-a", mapping, "f1", NOW).rules) == 1


@pytest.mark.parametrize("consultant", ["", "A", "../x", "a b", "a/b", "-a", "a" * 61, "cty.toml"])
def test_consultant_is_refused_when_it_is_no_short_code(tmp_path, consultant):
    with pytest.raises(WorkspaceError) as caught:
        remember(tmp_path, consultant, MAPPING, "f1", NOW)
    assert caught.value.code == "memory-consultant-bad"
    assert not (tmp_path / "mappings").exists()


@pytest.mark.parametrize(
    "text",
    [
        "x",
        '[[layer]]\nmatch = "a"\nrole = "lot"\n',
        '[[layer]]\nmatch = "a"\nrole = "castle"\ndrawings = ["f"]\nlast = "2026-11-22"\n',
        '[[layer]]\nmatch = "a"\nrole = "lot"\ndrawings = ["f"]\nlast = "gestern"\n',
        '[[colour]]\nfunction = "x"\ndrawings = ["f"]\nlast = "2026-11-22"\n',
        'layer = "x"\n',
        "\xff",
    ],
)
def test_file_is_refused_when_it_is_damaged(tmp_path, text):
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "cty-a.toml").write_text(text, encoding="latin-1")
    with pytest.raises(WorkspaceError) as caught:
        recall(tmp_path, "cty-a")
    assert caught.value.code == "memory-unreadable"


def test_memory_beats_a_guess_when_both_know_a_layer(tmp_path):
    lots = grid()
    drawn = work(
        *lots_by_prefix({"OM": "DAT O", "CX": "CAY XANH", "YT": "Y TE"}), labels("TEN LO", lots), outline("RANH", lots)
    )
    told = SourceMapping(layers=(LayerRule("Y TE", "lot", "DAT_Anninh"),), prefixes=(PrefixRule("OM", "DAT_Dulich"),))
    memory = remember(tmp_path, "cty-a", told, "f1", NOW)
    made = suggest_drawing(drawn, memory)
    assert by_name(made.mapping, "Y TE") == LayerRule("Y TE", "lot", "DAT_Anninh", guessed=("remembered",))
    assert PrefixRule("OM", "DAT_Dulich", ("remembered",)) in made.mapping.prefixes
    assert [finding.layer for finding in made.findings if finding.code == "suggest-memory-differs"] == ["Y TE"]
    assert by_name(made.mapping, "DAT O").guessed == ("role", "function")


def test_colours_and_functions_are_proposed_again_when_remembered(tmp_path):
    memory = remember(tmp_path, "cty-a", MAPPING, "f1", NOW)
    made = suggest_drawing(work(outline("RANH", grid())), memory)
    assert ColourRule("DAT_HTXH_Yte", 220, None, ("remembered",)) in made.mapping.colours
    assert ColourRule("DAT_Anninh", None, "#00ff00", ("remembered",)) in made.mapping.colours
    assert made.mapping.functions == MAPPING.functions


@given(st.text(min_size=1, max_size=30))
def test_escaped_glob_fits_its_name_when_the_name_is_anything(name):
    assert unescape_glob(escape_glob(name)) == name
    assert matches(escape_glob(name), name)
