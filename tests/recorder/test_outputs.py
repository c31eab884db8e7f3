"""Outputs are on the trail as the front end has them, whenever and by whomever they are made."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from nbtrail.store import open_store
from recorder.kernel import Notebook

RUN = "acc = 1 / 2"


def outputs(book: Notebook, cell_id: str) -> list[dict[str, Any]]:
    """What the trail of the only run has of a cell."""
    (run,) = book.runs
    return next(one.outputs for one in book.trail(run) if one.cell_id == cell_id)


def brief(found: list[dict[str, Any]]) -> list[str]:
    return [
        one.get("text") or one.get("ename") or one["data"].get("text/plain", "") for one in found
    ]


def shown(messages: list[dict[str, Any]]) -> list[str]:
    """What the front end has, without what nbtrail says."""
    return brief([one for one in messages if "nbtrail" not in one.get("metadata", {})])


def test_streams_displays_and_errors_stand_in_their_order(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    front = notebook.run(
        "a",
        "import sys\nimport matplotlib.pyplot as plt\n%matplotlib inline\n"
        "print('one', end=' ')\nprint('two')\ndisplay(1)\nprint('three')\n"
        "print('warned', file=sys.stderr)\ndisplay(2)\nprint('four')\nplt.plot([1])\n1 / 0",
    )
    kept = outputs(notebook, "a")
    assert brief(kept) == shown(front)
    assert brief(kept) == [
        "one two\n", "1", "three\n", "warned\n", "2", "four\n", "ZeroDivisionError",
        "<Figure size 640x480 with 1 Axes>",
    ]  # fmt: skip


def test_what_programs_write_past_python_is_there(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    sources = ["import os\nos.system('echo from C') and None", "!printf '\\377ab\\n'"]
    sources += ["%%bash\nprintf '\\377\\376ab\\n'; echo 'to stderr' >&2"]
    for number, source in enumerate(sources):
        front = notebook.run(f"c{number}", source)
        assert shown(front)
        assert sorted(brief(outputs(notebook, f"c{number}"))) == sorted(shown(front))


THREAD = """
import threading
begun, go = threading.Event(), threading.Event()
def work():
    print('from a thread')
    display('shown by a thread')
    begun.set()
    go.wait()
    print('late')
    display('late, too')
thread = threading.Thread(target=work, daemon=True)
thread.start()
begun.wait()
print('main')
"""


def test_threads_print_and_display_where_the_front_end_shows_it(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    front = shown(notebook.run("a", THREAD))
    assert set(front) == {"from a thread\n", "'shown by a thread'", "main\n"}
    assert brief(outputs(notebook, "a")) == front
    # ipykernel gives what a thread puts out to the cell that runs, or ran last.
    front = shown(notebook.run("b", "go.set()\nthread.join()\nprint('joined')"))
    assert front == ["late\n", "'late, too'", "joined\n"]
    assert brief(outputs(notebook, "b")) == front


def test_what_comes_after_the_end_of_a_cell_is_the_cells(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    notebook.run(
        "a",
        "import asyncio\nbegun = asyncio.Event()\nasync def later():\n    await begun.wait()\n"
        "    print('from a task')\n    display('shown by a task')\n"
        "task = asyncio.create_task(later())\nprint('at once')",
    )
    notebook.run("b", "begun.set()\nawait task\nprint('in b')")
    assert brief(outputs(notebook, "a")) == ["at once\nfrom a task\n", "'shown by a task'"]
    assert brief(outputs(notebook, "b")) == ["in b\n"]


def test_what_comes_while_no_cell_runs_is_stored_soon(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    notebook.run(
        "a", "import threading\nt = threading.Timer(0.1, lambda: print('ding'))\nt.start()"
    )
    while not brief(outputs(notebook, "a")):
        time.sleep(0.05)
    assert brief(outputs(notebook, "a")) == ["ding\n"]


def test_an_update_changes_the_cell_that_displayed(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    notebook.run("a", "one = display('first', display_id='x')\ndisplay('other')")
    notebook.run("b", "one.update('second')\nprint('b')")
    assert brief(outputs(notebook, "a")) == ["'second'", "'other'"]
    assert brief(outputs(notebook, "b")) == ["b\n"]
    notebook.run("c", "display('third', display_id='x');")
    assert brief(outputs(notebook, "a")) == ["'third'", "'other'"]
    assert brief(outputs(notebook, "c")) == ["'third'"]


def test_what_capture_hides_is_marked_and_not_restored(notebook: Notebook) -> None:
    from nbtrail.trail.notebook import restored

    notebook.run("run", RUN)
    front = notebook.run(
        "a",
        "%%capture kept\nimport sys\nprint('hidden')\nprint('err', file=sys.stderr)\n"
        "display('rich')",
    )
    assert shown(front) == []
    kept = outputs(notebook, "a")
    assert brief(kept) == ["hidden\n", "err\n", "'rich'"]
    marks = [one["metadata"]["nbtrail.captured"] for one in kept]
    assert marks == ["stdout", "stderr", "display"]
    assert notebook.run("b", "kept.stdout")[0]["data"]["text/plain"] == "'hidden\\n'"
    cells = restored(notebook.trail(notebook.runs[0]))["cells"]
    assert [cell["outputs"] for cell in cells if cell["id"] == "a"] == [[]]


def test_a_forked_child_displays_as_ever(notebook: Notebook) -> None:
    notebook.run("run", RUN)
    notebook.run(
        "a",
        "import os\nchild = os.fork()\nif child == 0:\n    display('in the child')\n"
        "    os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(child, 0)[1])",
    )
    assert "7" in brief(outputs(notebook, "a"))


def test_nothing_is_left_behind_when_it_is_unloaded(notebook: Notebook) -> None:
    look = (
        "import sys\nfrom IPython.utils.capture import capture_output\nip = get_ipython()\n"
        "ip.display_pub._hooks, ip.displayhook._hooks, hasattr(ip.display_formatter.format, "
        "'__wrapped__'), hasattr(capture_output.__enter__, '__wrapped__')"
    )
    notebook.run("a", RUN)
    assert "_on_message" in brief(notebook.run("b", look))[0]
    notebook.run("c", "%unload_ext nbtrail")
    assert brief(notebook.run("d", look)) == ["([], [], False, False)"]
    threads = "import threading\nt = threading.Thread(target=lambda: display('on'))\nt.start()\n"
    assert brief(notebook.run("e", threads + "t.join()")) == ["'on'"]


TERMINAL = """
%load_ext nbtrail
acc = 1 / 2
print('one'); display(1); print('two'); 3
1 / 0
exit
"""


def test_a_terminal_has_them_in_their_order(tmp_path: Path) -> None:
    shell = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner"]
    given = {"input": TERMINAL, "cwd": tmp_path, "capture_output": True, "text": True}
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    subprocess.run(shell, env=environment, check=True, **given)
    store = open_store(tmp_path / ".nbtrail", create=False)
    (run,) = store.runs.search()[0]
    _, a, b, *_ = store.trails.executions(run.info.run_id)
    assert brief(a.outputs) == ["one\n", "1", "two\n", "3"]
    assert brief(b.outputs) == ["ZeroDivisionError"]


ASIDE = """
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for source, counted in (
    ("%load_ext nbtrail", True), ("display('aside')", False), ("acc = 1 / 2; display('own')", True)
):
    shell.run_cell(source, store_history=counted).raise_error()
"""


def test_what_is_run_aside_in_a_terminal_is_no_cells_output(tmp_path: Path) -> None:
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    subprocess.run([sys.executable, "-c", ASIDE], env=environment, cwd=tmp_path, check=True)
    store = open_store(tmp_path / ".nbtrail", create=False)
    (run,) = store.runs.search()[0]
    assert brief(store.trails.executions(run.info.run_id)[-1].outputs) == ["'own'"]
