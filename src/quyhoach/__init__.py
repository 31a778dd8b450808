"""Quy Hoạch: the construction-sector database of a Vietnamese province."""
