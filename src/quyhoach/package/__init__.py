"""The plan package: one GeoPackage per plan version, immutable, named by its SHA-256 (docs/reference/schemas.md §2)."""

from quyhoach.package.layers import Layer, round_geometries, to_multi
from quyhoach.package.reading import package_crs, read_package
from quyhoach.package.writing import write_package

__all__ = ["Layer", "package_crs", "read_package", "round_geometries", "to_multi", "write_package"]
