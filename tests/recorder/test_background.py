"""Work beside the user's is done in order, by a thread or by whoever needs it."""

from __future__ import annotations

import os
import threading

from nbtrail.recorder import background as module
from nbtrail.recorder.background import Background
from nbtrail.tracking import failures


def test_things_are_done_in_order_whoever_does_them() -> None:
    background, done = Background(), []
    for number in range(200):
        background.soon(lambda number=number: done.append(number))  # type: ignore[misc]
    background.settle()
    assert done == list(range(200))


def test_a_thread_does_what_nobody_waits_for() -> None:
    background, done = Background(), threading.Event()
    threads: list[int] = []
    background.soon(lambda: threads.append(threading.get_ident()))
    background.some_time("key", done.set)
    assert done.wait(30)
    assert threads != [threading.get_ident()]


def test_without_threads_it_is_done_by_whoever_needs_it() -> None:
    background, done = Background(), list[int]()
    before = threading.stack_size(1 << 46)  # of which there can be none
    try:
        background.soon(lambda: done.append(1))
        background.settle()
    finally:
        threading.stack_size(before)
    later = threading.Event()
    background.some_time("key", later.set)
    assert done == [1]
    assert later.wait(30)


def test_settling_waits_for_what_the_thread_is_at() -> None:
    background, begun, go_on = Background(), threading.Event(), threading.Event()
    done: list[str] = []

    def task() -> None:
        begun.set()
        go_on.wait(30)
        done.append("first")

    background.soon(task)
    assert begun.wait(30)
    background.soon(lambda: done.append("second"))
    threading.Timer(0.05, go_on.set).start()
    background.settle()
    assert done == ["first", "second"]


def test_of_what_can_wait_the_latest_counts() -> None:
    background, begun, go_on = Background(), threading.Event(), threading.Event()
    done: list[int] = []
    background.soon(lambda: (begun.set(), go_on.wait(30)))
    assert begun.wait(30)
    for number in range(10):
        background.some_time("verdict", lambda number=number: done.append(number))  # type: ignore[misc]
    go_on.set()
    background.settle_all()
    assert done == [9]


def test_a_thing_that_fails_is_told_and_the_next_is_done() -> None:
    background, done, told = Background(), threading.Event(), list[str]()
    failures.tell_through(told.append)
    background.soon(lambda: 1 / 0)
    background.soon(done.set)
    assert done.wait(30)
    failures.tell_through(None)
    assert len(told) <= 1


def test_the_thread_ends_and_comes_again(monkeypatch: object) -> None:
    background = Background()
    module_idle, module.IDLE_S = module.IDLE_S, 0.01
    try:
        for _ in range(3):
            done = threading.Event()
            background.soon(done.set)
            assert done.wait(30)
            while background._running:
                os.sched_yield()
    finally:
        module.IDLE_S = module_idle


def test_a_child_process_waits_for_no_thread() -> None:
    background, begun, go_on = Background(), threading.Event(), threading.Event()
    background.soon(lambda: (begun.set(), go_on.wait(30)))
    assert begun.wait(30)
    child = os.fork()
    if child == 0:
        background.settle_all()
        os._exit(7)
    _, status = os.waitpid(child, 0)
    go_on.set()
    background.settle_all()
    assert os.waitstatus_to_exitcode(status) == 7
