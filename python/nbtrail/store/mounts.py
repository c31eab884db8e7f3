"""Which kind of file system a path is on: networked ones keep neither locks nor shared memory."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")

_NETWORKED = {
    "9p", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "gpfs", "lustre",
    "ncpfs", "nfs", "nfs4", "ocfs2", "smb", "smb2", "smb3", "smbfs",
}  # fmt: skip
_LOCAL_FUSE = {"fuse.fuse-overlayfs", "fuse.mergerfs"}
_ESCAPED = re.compile(r"\\([0-7]{3})")


def networked(path: Path) -> str:
    """Return the kind of networked file system that `path` is on; empty if it is a local one."""
    kind = _kind(path.resolve())
    fuse = kind.startswith("fuse.") and kind not in _LOCAL_FUSE
    return kind if fuse or kind in _NETWORKED else ""


def _kind(path: Path) -> str:
    """Return the type of the innermost mount; of two at one place, the later hides the other."""
    try:
        lines = MOUNTS.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return ""
    kind, depth = "", 0
    for _, place, found, *_ in (line.split(" ") for line in lines if line.count(" ") > 1):
        mount = Path(_ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), place))
        if len(mount.parts) >= depth and path.is_relative_to(mount):
            kind, depth = found, len(mount.parts)
    return kind
