"""Releases: compiled from a workspace, immutable, verified, switched; and opened for reading."""
