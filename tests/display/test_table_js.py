"""The table in a real browser: sorting, selecting, and names that are HTML."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from nbtrail import display

pytestmark = pytest.mark.ui

SOURCE = Path(display.__file__).with_name("table.js")

# What anywidget gives to `render`, in the least that has its behaviour.
MOUNT = """
async ([source, state]) => {
  const listeners = {};
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
    },
    save_changes: () => (window.saved = state.selected),
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    send: (content) => (window.told ??= []).push(content.watched),
  };
  window.heard = () => listeners['msg:custom'].forEach((listener) => listener());
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const still = document.createElement("p");
  still.className = state.still;
  const el = document.createElement("div");
  document.body.append(still, el);
  window.close = widget.render({ model: window.model, el });
}
"""


def row(run_id: str, name: str, acc: float | None) -> dict[str, Any]:
    shown = {"text": "" if acc is None else str(acc), "number": acc}
    return {"run_id": run_id, "cells": [{"text": name, "number": None}, shown]}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser.new_page()
        browser.close()


@pytest.fixture
def table(page: Page, hostile: str) -> Page:
    """Mount the table of three runs, one of which has no metric."""
    state = {
        "columns": [{"title": "Run", "kind": "run"}, {"title": "acc", "kind": "metric"}],
        "rows": [row("a", "alpha", 9.0), row("b", "beta", 10.0), row("c", hostile, None)],
        "selected": ["a"],
        "filter": "",
        "message": "",
        "still": "plain",
    }
    page.goto("about:blank")
    page.evaluate(MOUNT, [SOURCE.read_text(), state])
    return page


def order(page: Page) -> list[str | None]:
    return [one.get_attribute("data-run") for one in page.locator("tbody tr").all()]


def test_a_heading_sorts_by_number_and_back_with_the_missing_last(table: Page) -> None:
    table.get_by_role("button", name="acc").click()
    assert order(table) == ["a", "b", "c"]
    table.get_by_role("button", name="acc").click()
    assert order(table) == ["b", "a", "c"]
    expect(table.locator("th.metric")).to_have_attribute("aria-sort", "descending")
    table.keyboard.press("Enter")
    assert order(table) == ["a", "b", "c"]


def test_a_click_on_a_row_or_its_box_selects_it(table: Page) -> None:
    table.get_by_text("beta").click()
    assert table.evaluate("saved") == ["a", "b"]
    table.get_by_role("checkbox", name="alpha").click()
    assert table.evaluate("saved") == ["b"]
    expect(table.get_by_role("checkbox", name="alpha")).not_to_be_checked()


def test_the_keyboard_keeps_its_place(table: Page) -> None:
    box = table.get_by_role("checkbox", name="beta")
    box.focus()
    table.keyboard.press("Space")
    expect(box).to_be_checked()
    expect(box).to_be_focused()


def test_a_selection_made_in_python_is_shown(table: Page) -> None:
    table.evaluate("model.set('selected', ['c'])")
    expect(table.locator("tr.selected")).to_have_attribute("data-run", "c")


def test_names_are_text(table: Page, hostile: str) -> None:
    assert table.locator("img").count() == 0
    expect(table.locator("tr[data-run=c] td").nth(1)).to_have_text(hostile)


def test_the_filter_is_applied_by_enter_and_its_error_shown_beside_it(table: Page) -> None:
    box = table.get_by_role("searchbox", name="Filter")
    box.fill("metrics.acc >")
    box.press("Enter")
    assert table.evaluate("model.get('filter')") == "metrics.acc >"
    expect(box).to_have_attribute("aria-invalid", "false")
    table.evaluate("model.set('message', 'Not <b>so</b>.')")
    expect(table.get_by_role("alert")).to_have_text("Not <b>so</b>.")
    expect(box).to_have_attribute("aria-invalid", "true")


def test_a_filter_that_is_being_typed_survives_news(table: Page) -> None:
    box = table.get_by_role("searchbox", name="Filter")
    box.fill("metrics.")
    table.evaluate("model.set('rows', model.get('rows').slice(1))")
    expect(box).to_have_value("metrics.")
    expect(box).to_be_focused()
    assert order(table) == ["b", "c"]


def test_the_plain_table_is_hidden_while_this_one_lives(table: Page) -> None:
    expect(table.locator(".plain")).to_be_hidden()
    table.evaluate("close()")
    expect(table.locator(".plain")).to_have_css("display", "block")


def test_the_kernel_is_told_while_somebody_watches_and_again_only_after_its_answer(
    table: Page,
) -> None:
    table.wait_for_function("window.told?.length === 1")
    table.clock.install()
    table.clock.run_for(60_000)
    assert table.evaluate("told") == [True]
    table.evaluate("heard()")
    table.clock.run_for(60_000)
    assert table.evaluate("told") == [True, True]
    table.evaluate("close()")
    table.evaluate("heard()")
    table.clock.run_for(60_000)
    assert table.evaluate("told") == [True, True, False]
