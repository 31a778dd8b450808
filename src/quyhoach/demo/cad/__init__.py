"""A town plan as a consultant draws it in CAD, with ground truth: to try the reading of drawings, and to test it."""

from quyhoach.demo.cad.chance import chance_habit
from quyhoach.demo.cad.draw import draw_consultant_drawing
from quyhoach.demo.cad.habit import HABITS, Habit
from quyhoach.demo.cad.truth import Truth

__all__ = ["HABITS", "Habit", "Truth", "chance_habit", "draw_consultant_drawing"]
