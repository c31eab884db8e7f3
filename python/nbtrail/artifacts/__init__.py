"""Artifacts: bytes by URI."""

from nbtrail.artifacts.repository import ArtifactRepository, clean

__all__ = ["ArtifactRepository", "clean"]
