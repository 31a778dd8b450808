"""Is a fit good enough, and what must people know of it? In metres, and in millimetres on the paper."""

from dataclasses import dataclass

from quyhoach.domain.errors import UsageError
from quyhoach.domain.finding import Finding, Level
from quyhoach.scan.fitting import Fit

LIMIT_MM = 1.0  # on paper: twice what a drawing is exact to (standard/tables/accuracy.csv, drawing_mm)
_INCH_MM = 25.4
_SCALE_DIFFERS = 0.05  # of the scale that resolution and fit give, against the one stated
_SMALL_SPREAD = 0.15  # of the picture
_FEW = 5  # points: fewer, and one wrong one can hide


@dataclass(frozen=True, slots=True)
class Judgement:
    """`limit_m`: the residual allowed; `scale`: the denominator taken; `good`: within the limit. `findings` say what
    is to be known beside the figures."""

    good: bool
    limit_m: float
    scale: float | None
    findings: tuple[Finding, ...]

    def on_paper(self, metres: float) -> float | None:
        """Metres on the ground as millimetres on the paper, where the scale is known."""
        return None if self.scale is None else metres * 1000 / self.scale


def judge(
    fit: Fit,
    *,
    scale: int | None,
    dpi: float | None,
    limit_mm: float = LIMIT_MM,
    limit_m: float | None = None,
) -> Judgement:
    """Hold the expected residual against the limit, in metres or in millimetres on paper.

    Without a stated scale that of the scan's resolution is taken; with neither the limit must be given in metres.
    Raises UsageError there."""
    scanned = None if dpi is None else fit.ground_sample_m / (_INCH_MM / 1000 / dpi)
    taken = float(scale) if scale else scanned
    if limit_m is None:
        if taken is None:
            raise UsageError("scan-needs-scale")
        limit_m = limit_mm * taken / 1000
    findings = []
    for point, off in fit.left_out:
        params = {"point": point.name, "off": round(off, 2), "east": point.east, "north": point.north}
        findings.append(Finding("scan-point-wrong", Level.WARNING, feature=point.name, params=params))
    if scale and scanned and abs(scanned / scale - 1) > _SCALE_DIFFERS:
        params = {"scale": scale, "scanned": round(scanned), "dpi": round(dpi or 0)}
        findings.append(Finding("scan-scale-differs", Level.NOTE, params=params))
    if fit.spread < _SMALL_SPREAD:
        findings.append(Finding("scan-points-together", Level.WARNING, params={"share": round(fit.spread * 100)}))
    if len(fit.used) < _FEW:
        findings.append(Finding("scan-points-scarce", Level.WARNING, params={"count": len(fit.used)}))
    if fit.transform.model in ("projective", "polynomial"):
        findings.append(Finding(f"scan-paper-{fit.transform.model}", Level.NOTE))
    return Judgement(fit.expected_m <= limit_m, limit_m, taken, tuple(findings))
