"""Progress of long work on standard error: a bar on a terminal, a line per step elsewhere."""

import sys
from collections.abc import Mapping

from quyhoach.standard.messages import message

_WIDTH = 24
# Share of the whole work at which a step begins, measured on drawings of five to twenty thousand lots.
_BEGINS = {
    "read": 0.02,
    "layer": 0.35,
    "repair_text": 0.38,
    "choose_sheet": 0.40,
    "to_province_crs": 0.42,
    "locate_drawing": 0.43,
    "say_left_out": 0.46,
    "say_broken_text": 0.46,
    "read_sheet": 0.46,
    "suggest_drawing": 0.49,
    "assign_roles": 0.53,
    "build_lots": 0.54,
    "join_labels": 0.60,
    "fill_from_lot_table": 0.65,
    "name_lots": 0.65,
    "clean_coverage": 0.66,
    "repair_geometry": 0.80,
    "read_attributes": 0.82,
    "draw_outline": 0.84,
    "validate": 0.85,
    "write_package": 0.95,
}


class Bar:
    """Tells the steps of a piece of work. Call it with {"step": …, "phase": …}, and `done` at the end."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._reached = 0.0
        self._drawn = False

    def __call__(self, step: Mapping[str, object]) -> None:
        key = str(step.get("phase") or step.get("step"))
        self._reached = max(self._reached, _BEGINS.get(key, 0.0))
        words = message(f"progress-{key.replace('_', '-')}", "vi", **step)
        detail = step.get("layer") or step.get("file") or ""
        if step.get("entities"):
            detail = f"{step['entities']:,}".replace(",", ".")
        text = f"{words} {detail}".strip()
        if self._live:
            filled = round(self._reached * _WIDTH)
            bar = "█" * filled + "─" * (_WIDTH - filled)
            sys.stderr.write(f"\r\x1b[2K{bar} {self._reached:4.0%} {text[:60]}")
            self._drawn = True
        else:
            sys.stderr.write(f"· {text}\n")
        sys.stderr.flush()

    def done(self) -> None:
        """Take the bar away, so that what follows stands on a line of its own."""
        if self._drawn:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
