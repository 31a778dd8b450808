"""Writes tests/portal/vectors/: answers with the document that Python and TypeScript must both make of them.

Run after a wanted change of the wording, then read the difference: `python tests/portal/make_vectors.py`.
"""

import json
from copy import deepcopy
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from quyhoach.apps.portal.document import compose
from quyhoach.apps.portal.facts import Words
from quyhoach.standard import load_standard

FOLDER = Path(__file__).parent / "vectors"
TODAY = date(2026, 11, 22)

PLAN: dict[str, Any] = {
    "plan_id": "qhc-dong-mo",
    "plan_name": "Quy hoạch chung thị trấn Đồng Mỏ",
    "version": 2,
    "kind": "general",
    "scale": 5000,
    "decision": {
        "number": "1319/QĐ-UBND",
        "date": "2022-08-13",
        "authority": "UBND tỉnh Lạng Sơn",
        "document": "/releases/3f9c/documents/ab12.pdf",
    },
    "status": "in_force",
    "valid_from": "2022-08-13",
    "valid_to": None,
    "attested": True,
    "illustrative": True,
    "accuracy_m": 3.5,
}
ZONE: dict[str, Any] = PLAN | {
    "zone_id": "qhc-dong-mo@2/OM-12",
    "label": "OM-12",
    "function": {"code": "DAT_O_Nhomnhao", "name": "Nhóm nhà ở", "group": "residential"},
    "indicators": {
        "density": {"raw": "40-60", "min": 40, "max": 60, "unit": "%"},
        "storeys": {"raw": "1-5", "min": 1, "max": 5},
        "far": {"raw": "0,4-3,0", "min": 0.4, "max": 3.0},
        "population": {"raw": "61", "min": 61, "max": 61},
    },
    "area_m2": 3609.6,
    "edge_distance_m": 12.4,
}
DETAILED: dict[str, Any] = ZONE | {
    "zone_id": "qhct-khu-a@1/CX-1",
    "plan_id": "qhct-khu-a",
    "plan_name": "Quy hoạch chi tiết khu A",
    "version": 1,
    "kind": "detailed",
    "scale": 500,
    "label": "CX-1",
    "function": {"code": "DAT_HTXH_CayxanhCC", "name": "Cây xanh sử dụng công cộng", "group": "green"},
    "indicators": {"density": {"raw": "≤ 5 %"}, "storeys": {"raw": "theo thiết kế đô thị"}},
    "area_m2": 1234567.85,
    "edge_distance_m": 0.96,
    "accuracy_m": 1.25,
    "attested": False,
    "illustrative": False,
    "decision": None,
}
ANSWER: dict[str, Any] = {
    "at": {"lon": 106.5783, "lat": 21.657, "vn2000": {"epsg": 9215, "north": 2395843.3, "east": 430286.0}},
    "on": "2026-11-22",
    "release": "3f9c0123456789abcdef0123456789ab",
    "unit": {"code": "06463", "name": "xã Chi Lăng", "former": ["thị trấn Đồng Mỏ", "thị trấn Chi Lăng"]},
    "zones": [ZONE],
    "restrictions": [],
    "themes": {"land_use": "applies", "heritage": "not_affected", "flood": "no_data", "detailed_plan": "not_digitised"},
    "pending": [],
    "not_digitised": [],
    "parcels": [{"commune": "06463", "sheet": "12", "lot": "345", "area_m2": 80.25}],
    "conflicts": [],
    "ask": {"office": "Sở Xây dựng", "phone": "0205 3812 345", "email": "sxd@example.vn", "address": "Lạng Sơn"},
    "note": "Bản vẽ có dấu là căn cứ cuối cùng.",
}
RESTRICTION: dict[str, Any] = PLAN | {
    "restriction_id": "hanh-lang@1/HL-1",
    "plan_id": "hanh-lang",
    "plan_name": "Hành lang đường bộ",
    "kind": "restriction",
    "theme": "road_corridor",
    "name": "hành lang QL 1A",
    "category": "hành lang an toàn",
    "rule": "Không xây dựng công trình <b>kiên cố</b>",
    "edge_distance_m": 4.04,
}


def answers() -> dict[str, tuple[str, dict[str, Any]]]:
    """Name → language and answer."""
    neighbour = ZONE | {"zone_id": "qhc-dong-mo@2/OM-13", "label": "OM-13", "edge_distance_m": 0.0}
    pending = ZONE | {"zone_id": "qhc-dong-mo@3/GT-1", "version": 3, "status": "pending", "change": "function_changes"}
    pending |= {"function": {"code": "DAT_HTKT_DuongGT", "name": "Đường giao thông", "group": "transport"}}
    paper = PLAN | {"plan_name": "quy hoạch chi tiết khu B", "kind": "detailed", "attested": False}
    paper |= {"scans": [{"url": "/releases/3f9c/documents/scan.png", "title": "Tờ 1"}], "accuracy_m": None}
    nowhere = {"zones": [], "unit": None, "parcels": [], "themes": {"land_use": "no_data"}, "ask": {"office": "Sở"}}
    busy = {
        "zones": [ZONE | {"edge_distance_m": 20.0}, DETAILED],
        "restrictions": [RESTRICTION],
        "pending": [pending | {"valid_from": "2027-01-01"}],
        "conflicts": [{"code": "function_differs", "zones": [ZONE["zone_id"], DETAILED["zone_id"]]}],
    }
    old = {"valid_from": "2010-01-01", "valid_to": "2022-08-13", "label": "", "scale": None}
    hidden = ZONE | {"function": None, "withheld": True, "label": None, "area_m2": 500.0}
    hostile = {
        "decision": PLAN["decision"] | {"document": "//evil.example/x.pdf"},
        "plan_name": "<script>alert(1)</script>",
    }
    region = ZONE | {"plan_id": "qhv", "kind": "region", "scale": 50000, "function": DETAILED["function"]}
    region |= {"zone_id": "qhv@1/1", "indicators": {"population": {"raw": "141735"}, "density": {"raw": "60"}}}
    undated = {"decision": {"number": "12/QĐ", "date": None, "authority": "UBND xã", "document": None}}
    return {
        "one-lot": ("vi", ANSWER),
        "one-lot-en": ("en", ANSWER | {"note": "The stamped drawing prevails."}),
        "plans-disagree": ("vi", ANSWER | busy),
        "plans-disagree-en": ("en", ANSWER | busy),
        "shared-edge": ("vi", ANSWER | {"zones": [ZONE | {"edge_distance_m": 0.0}, neighbour]}),
        "lots-overlap": (
            "vi",
            ANSWER
            | {
                "zones": [ZONE, neighbour],
                "conflicts": [{"code": "lots_overlap", "zones": [ZONE["zone_id"], "unknown@1/x"]}],
            },
        ),
        "on-paper": ("vi", ANSWER | {"zones": [], "not_digitised": [paper]}),
        "no-data": ("vi", ANSWER | nowhere),
        "no-data-en": ("en", ANSWER | nowhere),
        "not-in-a-lot": ("vi", ANSWER | {"zones": [], "parcels": []}),
        "restriction-only": ("vi", ANSWER | nowhere | {"restrictions": [RESTRICTION | {"category": "", "name": ""}]}),
        "pending-only": (
            "vi",
            ANSWER
            | {
                "zones": [],
                "pending": [
                    pending | {"valid_from": None, "change": "new_area"},
                    pending | {"change": "same_function"},
                ],
            },
        ),
        "long-ago": ("vi", ANSWER | {"on": "2015-02-03", "zones": [ZONE | old]}),
        "later": (
            "en",
            ANSWER | {"on": "2030-12-31", "zones": [ZONE | {"valid_from": "2028-01-01", "valid_to": "2031-03-01"}]},
        ),
        "lot-and-paper": ("vi", ANSWER | {"not_digitised": [paper]}),
        "three-plans": ("vi", ANSWER | {"zones": [region, ZONE, DETAILED | {"function": ZONE["function"]}]}),
        "near-edge-unnamed": ("vi", ANSWER | {"zones": [ZONE | {"label": None, "edge_distance_m": 0.04}]}),
        "withheld": ("vi", ANSWER | {"zones": [hidden]}),
        "unknown-function": ("vi", ANSWER | {"zones": [ZONE | {"function": None, "indicators": {}}]}),
        "hostile-text": ("vi", ANSWER | {"zones": [ZONE | hostile]}),
        "undated-decision": ("vi", ANSWER | {"zones": [ZONE | undated | {"illustrative": False}]}),
    }


def words_for(lang: str) -> Words:
    standard = load_standard()
    kinds = {code: kind.name[lang] for code, kind in standard.plan_kinds.items()}
    return Words(lang, TODAY, kinds, {code: theme.name[lang] for code, theme in standard.themes.items()})


def vector(lang: str, answer: dict[str, Any]) -> dict[str, Any]:
    words = words_for(lang)
    document = asdict(compose(deepcopy(answer), words))
    return {
        "lang": lang,
        "today": TODAY.isoformat(),
        "kinds": dict(words.kinds),
        "themes": dict(words.themes),
        "answer": answer,
        "document": json.loads(json.dumps(document)),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, (lang, answer) in answers().items():
        text = json.dumps(vector(lang, answer), ensure_ascii=False, indent=1)
        (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
