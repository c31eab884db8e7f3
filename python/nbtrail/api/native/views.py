"""Which runs and experiments are meant, by their lifecycle stage, in a query."""

from __future__ import annotations

from typing import Literal

from nbtrail.entities import ViewType

View = Literal["active", "deleted", "all"]
VIEWS: dict[View, ViewType] = {
    "active": ViewType.ACTIVE_ONLY,
    "deleted": ViewType.DELETED_ONLY,
    "all": ViewType.ALL,
}
