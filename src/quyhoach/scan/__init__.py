"""A plan that exists only on paper: its scan laid on the ground by control points, with a stated residual.

`fitting` chooses how, `picture`, `snap` and `tiles` open strangers' pictures (in a limited child), `keeping` writes the
workspace."""

from quyhoach.scan.fitting import Fit, fit_points
from quyhoach.scan.judging import Judgement, judge
from quyhoach.scan.keeping import clicked_outline, keep_scan, sound_outline
from quyhoach.scan.points import ControlPoint, PointFile, read_points
from quyhoach.scan.transform import Transform, transform_from_json

__all__ = [
    "ControlPoint",
    "Fit",
    "Judgement",
    "PointFile",
    "Transform",
    "clicked_outline",
    "fit_points",
    "judge",
    "keep_scan",
    "read_points",
    "sound_outline",
    "transform_from_json",
]
