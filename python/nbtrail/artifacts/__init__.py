"""Artifacts: bytes by URI."""

from nbtrail.artifacts.repository import ArtifactRepository, FileInfo, clean

__all__ = ["ArtifactRepository", "FileInfo", "clean"]
