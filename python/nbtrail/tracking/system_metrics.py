"""Whether and how often system metrics are recorded: by calls, by the environment, by default."""

from __future__ import annotations

import math

from nbtrail import config
from nbtrail.errors import InvalidValue
from nbtrail.store.keys import check_key
from nbtrail.tracking import sampler
from nbtrail.tracking.failures import never_raises, tell_once
from nbtrail.tracking.run import ActiveRun

DEFAULT_INTERVAL_S = 10.0
_WORDS = {"1": True, "true": True, "yes": True, "on": True}
_WORDS |= {"0": False, "false": False, "no": False, "off": False}


class _Settings:
    """What was set by calls; None: what the environment says."""

    def __init__(self) -> None:
        self.enabled: bool | None = None
        self.interval: float | None = None
        self.samples: int | None = None
        self.node: str | None = None


settings = _Settings()


def enable_system_metrics_logging() -> None:
    """Record system metrics of the runs that start from now on; so it is by default."""
    settings.enabled = True


def disable_system_metrics_logging() -> None:
    """Record no system metrics of the runs that start from now on, unless they ask for it."""
    settings.enabled = False


def set_system_metrics_sampling_interval(interval: float | None) -> None:
    """Record system metrics every so many seconds in the runs that start from now on.

    Args:
        interval: seconds; None for what the environment says, else 10.

    Raises:
        InvalidValue: that is no positive number.
    """
    if interval is not None and not _is_interval(interval):
        raise InvalidValue(
            f"The sampling interval is a positive number of seconds, not {interval!r:.40}."
        )
    settings.interval = interval


def set_system_metrics_samples_before_logging(samples: int | None) -> None:
    """Record only each so-manieth sample in the runs that start from now on.

    Args:
        samples: how many intervals lie between two points; None for one.

    Raises:
        InvalidValue: that is no positive integer.
    """
    if samples is not None and not (isinstance(samples, int) and samples > 0):
        raise InvalidValue(f"The number of samples is a positive integer, not {samples!r:.40}.")
    settings.samples = samples


def set_system_metrics_node_id(node_id: str | None) -> None:
    """Say which machine of several this is, in the runs that start from now on.

    Args:
        node_id: stands in the metrics' names, ``system/<node id>/…``; None for none.

    Raises:
        InvalidValue: it cannot be part of a metric's name.
    """
    if node_id is not None:
        check_key(sampler.PREFIX + str(node_id), "metric")
    settings.node = None if node_id is None else str(node_id)


@never_raises("system metrics")
def start(run: ActiveRun, wanted: bool | None = None) -> None:
    """Record system metrics of a run that starts, until it ends; unless it is another process's.

    Args:
        run: the run.
        wanted: as its `start_run` says; None for what was set for all.
    """
    if not run.foreign and (_enabled() if wanted is None else wanted):
        folder = "" if settings.node is None else f"{settings.node}/"
        sampler.watch(run, _interval() * (settings.samples or 1), sampler.PREFIX + folder)
        run.at_end.append(lambda: sampler.leave(run))


def _enabled() -> bool:
    text = config.system_metrics()
    if settings.enabled is not None or text is None:
        return settings.enabled is not False
    if text.lower() not in _WORDS:
        tell_once(f"nbtrail: '{text:.40}' says neither true nor false of system metrics.")
    return _WORDS.get(text.lower(), True)


def _interval() -> float:
    text = config.system_metrics_interval()
    if settings.interval is not None or text is None:
        return settings.interval or DEFAULT_INTERVAL_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if _is_interval(seconds):
        return seconds
    tell_once(f"nbtrail: '{text:.40}' is no interval of system metrics: a number of seconds.")
    return DEFAULT_INTERVAL_S


def _is_interval(value: float) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value > 0
