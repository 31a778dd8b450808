"""The plan package: one GeoPackage per plan version, immutable, named by its SHA-256 (docs/reference/schemas.md §2)."""

from quyhoach.package.blocks import clean_by_blocks, near_pairs, unmatched_edges
from quyhoach.package.layers import Layer, round_geometries, to_multi
from quyhoach.package.reading import package_crs, read_package
from quyhoach.package.writing import write_package

__all__ = [
    "Layer",
    "clean_by_blocks",
    "near_pairs",
    "package_crs",
    "read_package",
    "round_geometries",
    "to_multi",
    "unmatched_edges",
    "write_package",
]
