"""One entity of ezdwg (a dictionary) as the entity of ezdxf that the walker reads, type by type."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol


class Names(Protocol):
    """What a maker asks of the file."""

    def text(self, given: Any) -> str:
        """Text as the file has it."""

    def style(self, given: Mapping[str, Any]) -> str:
        """The name of an entity's text style."""

    def block_of(self, handle: str, given: Mapping[str, Any]) -> str:
        """The name of the block a reference inserts."""


Given = Mapping[str, Any]
Maker = Callable[[dict[str, Any], Given, Names], Any]


def _new(kind: str, common: dict[str, Any], **attributes: Any) -> Any:
    from ezdxf.entities import factory

    return factory.new(kind, common | {name: value for name, value in attributes.items() if value is not None})


def _plain(kind: str, *names: str) -> Maker:
    """A maker for a type whose attributes have the names of DXF."""

    def make(common: dict[str, Any], given: Given, _: Names) -> Any:
        return _new(kind, common, **{name: given[name] for name in names})

    return make


def _lwpolyline(common: dict[str, Any], given: Given, _: Names) -> Any:
    made = _new("LWPOLYLINE", common, flags=1 if given.get("closed") else 0, elevation=given.get("elevation"))
    points = given["points"]
    bulges = given.get("bulges") or [0.0] * len(points)
    made.set_points([(p[0], p[1], 0.0, 0.0, bulge) for p, bulge in zip(points, bulges, strict=True)])
    return made


def _polyline_2d(common: dict[str, Any], given: Given, _: Names) -> Any:
    if given.get("is_3d_mesh") or given.get("is_polyface_mesh"):
        return None
    height = float(given.get("elevation") or 0.0)
    made = _new("POLYLINE", common, flags=1 if given.get("closed") else 0, elevation=(0.0, 0.0, height))
    points = given["points"]
    bulges = given.get("bulges") or [0.0] * len(points)
    flags = given.get("vertex_flags") or [0] * len(points)
    for point, bulge, flag in zip(points, bulges, flags, strict=True):
        made.vertices.append(_new("VERTEX", {}, location=point, bulge=bulge, flags=flag))
    return made


def _polyline_3d(common: dict[str, Any], given: Given, _: Names) -> Any:
    made = _new("POLYLINE", common, flags=9 if given.get("closed") else 8)
    for point in given["points"]:
        made.vertices.append(_new("VERTEX", {}, location=point, flags=32))
    return made


def _ellipse(common: dict[str, Any], given: Given, _: Names) -> Any:
    return _new(
        "ELLIPSE",
        common,
        center=given["center"],
        major_axis=given["major_axis"],
        ratio=given["axis_ratio"],
        start_param=given["start_angle"],
        end_param=given["end_angle"],
    )


def _spline(common: dict[str, Any], given: Given, _: Names) -> Any:
    made = _new("SPLINE", common, degree=given["degree"], flags=1 if given.get("closed") else 0)
    made.control_points = given.get("control_points") or []
    made.knots = given.get("knots") or []
    made.weights = given.get("weights") or []
    made.fit_points = given.get("fit_points") or []
    return made


def _face(kind: str) -> Maker:
    def make(common: dict[str, Any], given: Given, _: Names) -> Any:
        corners = {f"vtx{number}": point for number, point in enumerate(given["points"][:4])}
        return _new(kind, common, **corners)

    return make


def _line_of_text(kind: str) -> Maker:
    def make(common: dict[str, Any], given: Given, names: Names) -> Any:
        same = ("insert", "align_point", "height", "rotation", "width", "halign", "valign")
        attributes = {name: given.get(name) for name in same}
        made = _new(kind, common, text=names.text(given["text"]), style=names.style(given), **attributes)
        if kind != "TEXT":
            made.dxf.tag = names.text(given.get("tag"))
            made.dxf.flags = int(given.get("attribute_flags") or 0)
        return made

    return make


def _mtext(common: dict[str, Any], given: Given, names: Names) -> Any:
    made = _new(
        "MTEXT",
        common,
        insert=given["insert"],
        char_height=given["char_height"],
        attachment_point=given.get("attachment_point") or 1,
        text_direction=given.get("text_direction"),
        width=given.get("rect_width"),
        line_spacing_factor=given.get("line_spacing_factor"),
        style=names.style(given),
    )
    made.text = names.text(given.get("raw_text") or given.get("text"))
    return made


def _hatch(common: dict[str, Any], given: Given, names: Names) -> Any:
    made = _new(
        "HATCH",
        common,
        solid_fill=1 if given.get("solid_fill") else 0,
        pattern_name=names.text(given.get("pattern_name")) or "SOLID",
        elevation=(0.0, 0.0, float(given.get("elevation") or 0.0)),
    )
    for path in given["paths"]:
        points = [(point[0], point[1]) for point in path["points"]]
        if len(points) > 1 and points[0] == points[-1]:
            points.pop()
        made.paths.add_polyline_path(points, is_closed=True)
    return made


def _leader(common: dict[str, Any], given: Given, _: Names) -> Any:
    from ezdxf.math import Vec3

    made = _new("LEADER", common)
    made.vertices = [Vec3(point) for point in given["points"]]
    return made


def _insert(common: dict[str, Any], given: Given, names: Names) -> Any:
    return _new(
        "INSERT",
        common,
        name=names.block_of(common["handle"], given),
        insert=given["insert"],
        xscale=given.get("xscale"),
        yscale=given.get("yscale"),
        zscale=given.get("zscale"),
        rotation=given.get("rotation"),
        row_count=given.get("num_rows", given.get("row_count")),
        column_count=given.get("num_columns", given.get("column_count")),
        row_spacing=given.get("row_spacing"),
        column_spacing=given.get("column_spacing"),
    )


MAKERS: dict[str, Maker] = {
    "LINE": _plain("LINE", "start", "end"),
    "POINT": _plain("POINT", "location"),
    "CIRCLE": _plain("CIRCLE", "center", "radius"),
    "ARC": _plain("ARC", "center", "radius", "start_angle", "end_angle"),
    "LWPOLYLINE": _lwpolyline,
    "POLYLINE_2D": _polyline_2d,
    "POLYLINE_3D": _polyline_3d,
    "ELLIPSE": _ellipse,
    "SPLINE": _spline,
    "SOLID": _face("SOLID"),
    "TRACE": _face("TRACE"),
    "3DFACE": _face("3DFACE"),
    "TEXT": _line_of_text("TEXT"),
    "ATTRIB": _line_of_text("ATTRIB"),
    "ATTDEF": _line_of_text("ATTDEF"),
    "MTEXT": _mtext,
    "HATCH": _hatch,
    "LEADER": _leader,
    "INSERT": _insert,
    "MINSERT": _insert,
}
