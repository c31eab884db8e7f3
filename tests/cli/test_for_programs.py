"""What commands print with --json."""

from __future__ import annotations

import json

import nbtrail
from cli.conftest import Invoke
from nbtrail.entities import Endpoint
from nbtrail.store import Store


def test_what_is_listed_is_json(invoke: Invoke, store: Store) -> None:
    def told(*arguments: str) -> list[dict[str, object]]:
        result = invoke(*arguments, "--json")
        assert result.exit_code == 0, result.output
        found: list[dict[str, object]] = json.loads(result.stdout)
        return found

    for group in ("runs", "jobs", "schedule", "endpoints", "models"):
        assert told(group, "list") == []
    with nbtrail.start_run(run_name="first") as run:
        nbtrail.log_param("lr", 0.5)
    store.jobs.create("notebook", "night", [{"lr": 0.1}])
    store.endpoints.put(
        Endpoint("wine", "models:/wine/1", "127.0.0.1", 5001, None, "secret", "stopped", 1)
    )
    assert told("experiments", "list")[0]["name"] == "Default"
    shown = json.loads(invoke("runs", "show", run.info.run_id, "--json").stdout)
    assert (shown["info"]["run_name"], shown["params"][0]["value"]) == ("first", "0.5")
    assert told("jobs", "list")[0]["name"] == "night"
    assert told("jobs", "list", "1")[0]["parameters"] == {"lr": 0.1}
    [endpoint] = told("endpoints", "list")
    assert (endpoint["name"], endpoint["state"], endpoint["url"]) == ("wine", "stopped", "")
    assert "token" not in endpoint
