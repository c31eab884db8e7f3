from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nbtrail.projects.output import write_whole

TOO_MUCH = """
import resource, signal, sys
from pathlib import Path
from nbtrail.projects.output import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    write_whole("new" * 1000, Path(sys.argv[1]))
except OSError as error:
    print(error.strerror)
"""


def test_what_cannot_be_written_leaves_the_file_before(workdir: Path) -> None:
    path = workdir / "a.ipynb"
    write_whole("old", path)
    command = [sys.executable, "-c", TOO_MUCH, path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("File too large\n", "")
    assert [(one.name, one.read_text()) for one in workdir.iterdir()] == [("a.ipynb", "old")]


def test_a_link_stays_one_and_a_device_is_written_to(workdir: Path) -> None:
    (workdir / "link.ipynb").symlink_to("a.ipynb")
    write_whole("new", workdir / "link.ipynb")
    assert (workdir / "a.ipynb").read_text() == "new"
    assert (workdir / "link.ipynb").is_symlink()
    write_whole("new", Path(os.devnull))
    assert Path(os.devnull).is_char_device()
