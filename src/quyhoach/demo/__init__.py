"""Draws the demo province ("dữ liệu minh hoạ"): plans that look like plans, where no openly licensed real one exists."""

from quyhoach.demo.draw import SEED, draw_demo, draw_small

__all__ = ["SEED", "draw_demo", "draw_small"]
