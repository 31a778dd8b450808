"""Draws the demo province ("dữ liệu minh hoạ"): plans drawn by us, for no openly licensed real one exists."""

from quyhoach.demo.draw import SEED, draw_demo, draw_small

__all__ = ["SEED", "draw_demo", "draw_small"]
