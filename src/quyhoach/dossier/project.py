"""A small QGIS project for HoSoGIS: layers in groups by database and dataset, lots in the colours of land use.

Written as QGIS 3 reads it (a ZIP holding one .qgs); data sources are relative, so that the folder can be moved. Only
elements that every QGIS 3 knows are used; what is left out takes QGIS's defaults.
"""

import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from pyproj import CRS

from quyhoach.dossier.geopackages import LOTS, OUTLINE
from quyhoach.standard import FeatureClass, Standard

_SPACE = uuid.UUID("6b0f3a52-3c0e-5a06-9a53-0d6f5a8b7c11")  # of our layer ids: the same layer has the same id
_KINDS = {"MultiPolygon": "Polygon", "MultiLineString": "Line", "Point": "Point"}
_TITLES = {
    "QuyHoach": "Quy hoạch",
    "HienTrang": "Hiện trạng",
    "NenDiaHinh": "Nền địa hình",
    "MocGioi": "Mốc giới",
}
_ORDER = ("QuyHoach", "MocGioi", "HienTrang", "NenDiaHinh")
# TT 43/2025/TT-BXD: "sử dụng đất quy hoạch" in place of "quy hoạch sử dụng đất" in PL II, parts 2 and 3.
_DATASETS = {
    "QuyHoachSuDungDat": "Sử dụng đất quy hoạch",
    "ViTriRanhGioi": "Vị trí, ranh giới",
    "QuyHoachGiaoThong": "Giao thông",
    "QuyHoachChuanBiKyThuat": "Chuẩn bị kỹ thuật",
    "QuyHoachCGDD_CGXDHanhLangHTKT": "Chỉ giới đường đỏ, chỉ giới xây dựng, hành lang",
    "MocGioiQuyHoach": "Mốc giới quy hoạch",
    "NenDiaHinh": "Nền địa hình",
}


def write_project(
    path: Path,
    counts: Mapping[str, Mapping[str, int]],
    extent: tuple[float, float, float, float],
    *,
    title: str,
    crs: str,
    standard: Standard,
) -> None:
    """Write the `.qgz` beside the GeoPackages. `counts`: features per database and class; `extent`: west, south,
    east, north in `crs`."""
    root = ET.Element("qgis", {"version": "3.22.0-Białowieża", "projectname": title, "saveUserFull": ""})
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "projectCrs").append(_srs(crs))
    tree = ET.SubElement(root, "layer-tree-group")
    canvas = ET.SubElement(root, "mapcanvas", {"name": "theMapCanvas", "annotationsVisible": "1"})
    ET.SubElement(canvas, "units").text = "meters"
    _extent(canvas, extent)
    ET.SubElement(canvas, "rotation").text = "0"
    ET.SubElement(canvas, "destinationsrs").append(_srs(crs))
    layers = ET.SubElement(root, "projectlayers")
    for database in _ORDER:
        group = ET.SubElement(tree, "layer-tree-group", _checked(_TITLES[database], database == "QuyHoach"))
        rows = _classes(database, counts.get(database, {}), standard)
        for dataset in dict.fromkeys(row.dataset for row in rows):
            inner = ET.SubElement(group, "layer-tree-group", _checked(_DATASETS.get(dataset, dataset), True))
            for row in (row for row in rows if row.dataset == dataset):
                ident = f"{row.name}_{uuid.uuid5(_SPACE, f'{database}/{row.name}').hex}"
                source = f"./{database}.gpkg|layername={row.name}"
                ET.SubElement(
                    inner,
                    "layer-tree-layer",
                    {
                        "id": ident,
                        "name": row.alias,
                        "source": source,
                        "providerKey": "ogr",
                        "checked": "Qt::Checked",
                        "expanded": "0",
                    },
                )
                layers.append(_layer(ident, source, row, crs, standard))
    ET.indent(root)
    text = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{path.stem}.qgs", (2025, 7, 1, 0, 0, 0)), text)


def _checked(name: str, checked: bool) -> dict[str, str]:
    return {"name": name, "checked": "Qt::Checked" if checked else "Qt::Unchecked", "expanded": "1" if checked else "0"}


def _classes(database: str, counts: Mapping[str, int], standard: Standard) -> list[FeatureClass]:
    """The classes that have features; points over lines over areas, the outline above the lots."""
    rows = [row for row in standard.feature_classes.values() if row.database == database and counts.get(row.name)]
    order = {"Point": 0, "MultiLineString": 1, "MultiPolygon": 2}
    return sorted(rows, key=lambda row: (order[row.geometry], row.name != OUTLINE, row.name))


def _srs(crs: str) -> ET.Element:
    known = CRS.from_user_input(crs)
    node = ET.Element("spatialrefsys", {"nativeFormat": "Wkt"})
    ET.SubElement(node, "wkt").text = known.to_wkt()
    ET.SubElement(node, "authid").text = crs
    ET.SubElement(node, "description").text = known.name
    ET.SubElement(node, "geographicflag").text = "false"
    return node


def _extent(parent: ET.Element, extent: tuple[float, float, float, float]) -> None:
    node = ET.SubElement(parent, "extent")
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        ET.SubElement(node, name).text = f"{value:.3f}"


def _layer(ident: str, source: str, row: FeatureClass, crs: str, standard: Standard) -> ET.Element:
    node = ET.Element("maplayer", {"type": "vector", "geometry": _KINDS[row.geometry], "autoRefreshEnabled": "0"})
    ET.SubElement(node, "id").text = ident
    ET.SubElement(node, "datasource").text = source
    ET.SubElement(node, "layername").text = row.alias
    ET.SubElement(node, "srs").append(_srs(crs))
    ET.SubElement(node, "provider", {"encoding": "UTF-8"}).text = "ogr"
    if row.name == LOTS:
        node.append(_land_use(standard))
    else:
        outline = row.name == OUTLINE
        renderer = ET.SubElement(
            node, "renderer-v2", {"type": "singleSymbol", "symbollevels": "0", "enableorderby": "0"}
        )
        symbols = ET.SubElement(renderer, "symbols")
        symbols.append(_symbol("0", row.geometry, "#c8102e" if outline else "#4a5560", hollow=outline))
    ET.SubElement(node, "blendMode").text = "0"
    ET.SubElement(node, "layerOpacity").text = "1"
    return node


def _land_use(standard: Standard) -> ET.Element:
    """Lots by `phanLoai`, in the colours of the land-use table; what is of no known code is grey."""
    renderer = ET.Element(
        "renderer-v2", {"type": "categorizedSymbol", "attr": "phanLoai", "symbollevels": "0", "enableorderby": "0"}
    )
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    rows = sorted((row for row in standard.land_use.values() if row.list == "tt16"), key=lambda row: row.order)
    entries = [(row.code, row.name["vi"], row.map_colour) for row in rows] + [("", "Khác", "#d5d8dc")]
    for number, (code, name, colour) in enumerate(entries):
        ET.SubElement(categories, "category", {"value": code, "label": name, "symbol": str(number), "render": "true"})
        symbols.append(_symbol(str(number), "MultiPolygon", colour, hollow=False))
    return renderer


def _symbol(name: str, geometry: str, colour: str, *, hollow: bool) -> ET.Element:
    kinds = {
        "MultiPolygon": ("fill", "SimpleFill"),
        "MultiLineString": ("line", "SimpleLine"),
        "Point": ("marker", "SimpleMarker"),
    }
    kind, layer_class = kinds[geometry]
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    rgb = f"{red},{green},{blue},255"
    options = {
        "fill": {
            "color": rgb,
            "style": "no" if hollow else "solid",
            "outline_color": rgb if hollow else "90,90,90,255",
            "outline_style": "solid",
            "outline_width": "0.6" if hollow else "0.1",
            "outline_width_unit": "MM",
        },
        "line": {"line_color": rgb, "line_width": "0.3", "line_width_unit": "MM", "line_style": "solid"},
        "marker": {"color": rgb, "name": "circle", "size": "1.6", "size_unit": "MM", "outline_color": "35,35,35,255"},
    }[kind]
    symbol = ET.Element("symbol", {"type": kind, "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"})
    layer = ET.SubElement(symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"})
    listed = ET.SubElement(layer, "Option", {"type": "Map"})
    for key, value in options.items():
        ET.SubElement(listed, "Option", {"type": "QString", "name": key, "value": value})
        ET.SubElement(layer, "prop", {"k": key, "v": value})
    return symbol
