"""Plans, differences, legend, release, search: what they say, filtered."""

import pytest
from tests.api.conftest import Client

from quyhoach.api.app import ReadSide
from quyhoach.standard import load_standard


def plan_ids(client: Client, query: str) -> set[str]:
    return {plan["plan_id"] for plan in client.get(f"/api/v1/plans{query}").json()["plans"]}


def test_plans_are_filtered_when_kind_place_or_status_is_named(client: Client) -> None:
    everything = plan_ids(client, "")
    assert {"qhc-nho", "qhct-nho", "qhct-giay", "hanh-lang", "thua-dat", "qhc-cu"} == everything
    assert plan_ids(client, "?kind=detailed") == {"qhct-nho", "qhct-giay"}
    assert plan_ids(client, "?status=pending") == {"qhc-nho"}
    assert plan_ids(client, "?status=superseded") == {"qhc-cu"}
    assert plan_ids(client, "?kind=nothing") == set()
    assert plan_ids(client, "?place=06463") == everything
    assert plan_ids(client, "?place=chi%20lang") == everything
    assert plan_ids(client, "?place=Ch%C3%AD%20L%C4%83ng%20xyz") == set()


def test_plan_has_addresses_that_answer_when_followed(client: Client) -> None:
    plan = client.get("/api/v1/plans/qhc-nho").json()
    version = next(row for row in plan["versions"] if row["version"] == 2)
    for url in (version["package"], version["decision"]["url"], version["documents"][0]["url"]):
        assert client.get(url).status_code == 200
    for diff in plan["diffs"]:
        assert client.get(diff["url"]).status_code == 200


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_legend_has_every_function_once_when_asked(client: Client, lang: str) -> None:
    legend = client.get(f"/api/v1/legend?lang={lang}").json()
    codes = [use["code"] for group in legend["groups"] for use in group["functions"]]
    standard = load_standard()
    assert len(codes) == len(set(codes)) == len(standard.land_use)
    assert [theme["code"] for theme in legend["themes"]] == [
        theme.code for theme in sorted(standard.themes.values(), key=lambda row: row.order)
    ]
    names = {group["code"]: group["name"] for group in legend["groups"]}
    assert names["residential"] == standard.groups["residential"].name[lang]


def test_release_says_what_is_served_when_asked(client: Client, read_side: ReadSide) -> None:
    facts = client.get("/api/v1/release").json()
    assert facts["release"] == read_side.keeper.serving().id
    assert facts["plans"] == 6
    assert facts["today"] == "2026-11-22"
    assert facts["first_day"] == "2010-01-01"
    template = facts["tiles"]["plans"]
    assert client.get(template.replace("{z}", "1").replace("{x}", "1").replace("{y}", "0")).status_code in (200, 204)


def test_json_is_compressed_and_tagged_when_the_client_can(client: Client) -> None:
    reply = client.get("/api/v1/plans", headers={"accept-encoding": "gzip"})
    assert reply.headers["content-encoding"] == "gzip"
    again = client.get("/api/v1/plans", headers={"if-none-match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_head_has_no_body_when_a_route_is_asked(client: Client) -> None:
    reply = client.ask("HEAD", "/api/v1/plans")
    assert (reply.status_code, reply.content) == (200, b"")


def test_method_is_refused_when_a_route_only_reads(client: Client) -> None:
    for path in ("/api/v1/plans", "/api/v1/search", "/healthz", "/tiles/plans/1/1/1.mvt", "/releases/x/y"):
        reply = client.ask("POST", path)
        assert reply.status_code == 405
        assert "GET" in reply.headers["allow"]


@pytest.mark.parametrize("path", ["/", "/do-an", "/api", "/api/v2/lookup", "/api/v1/lookup/", "/favicon.ico"])
def test_problem_answers_when_there_is_nothing_at_an_address(client: Client, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.json()["code"]) == (404, "path-unknown")


def test_parcel_is_answered_by_its_numbers(client: Client) -> None:
    reply = client.get("/api/v1/parcels/06463/12/345")
    assert reply.status_code == 200
    assert reply.json()["zones"][0]["share_pct"] == 100.0
    missing = client.get("/api/v1/parcels/06463/12/1?lang=en")
    assert (missing.status_code, missing.json()["code"]) == (404, "parcel-unknown")
