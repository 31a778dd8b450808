"""A plan that exists only on paper: its scan laid on the ground by control points, with a stated residual."""
