"""Log two steps of a loss; wait, fail or kill its worker when it is asked to."""

import os
import signal
import sys
import time
from pathlib import Path

import nbtrail

x, mode = float(sys.argv[1]), sys.argv[2]
Path(f"started-{x:g}").write_text(str(os.getpid()))
if mode == "kills" and x == 3 and not Path("killed").exists():
    import psutil

    Path("killed").touch()
    [worker] = [
        one
        for one in psutil.Process().parents()
        if "nbtrail.projects.sweeps.worker" in one.cmdline()
    ]
    worker.send_signal(signal.SIGKILL)
if mode == "fails" and x == 2:
    sys.exit("no good")
for step in range(2):
    nbtrail.log_metric("loss", x + 1 - step, step=step)
for _ in range(6000):  # not for ever, if nobody stops it
    if Path("hold").exists() or (mode == "kills" and x > 8):
        time.sleep(0.05)
