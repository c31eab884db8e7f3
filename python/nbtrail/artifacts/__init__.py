"""Artifacts: bytes by URI."""

from nbtrail.artifacts.repository import ArtifactRepository, FileInfo

__all__ = ["ArtifactRepository", "FileInfo"]
