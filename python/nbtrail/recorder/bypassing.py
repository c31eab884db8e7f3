"""Files that libraries open without Python, where no audit event tells of them.

The functions that do are few, and wrapped in the one way in which autolog wraps; what they are
given as a path is noted. They are wrapped where they are defined, before others take them over.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any

from nbtrail.autolog import imports, patching
from nbtrail.recorder.watching import READ, WRITTEN, saw

MOST = 1000  # files of a pattern


@dataclass(frozen=True)
class Opener:
    """Functions or methods of one module that open a file.

    Attributes:
        module: where they are defined.
        owner: the class whose methods they are, "" for functions.
        names: what they are called.
        how: READ or WRITTEN, or both for those that may do either.
        argument: what the path is called, and
        position: where it stands among the arguments (a method's first is 1).
        also: modules that have the functions under the same names.
    """

    module: str
    owner: str
    names: tuple[str, ...]
    how: int
    argument: str
    position: int
    also: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What tells its wrappers from those of others."""
        return f"files of {self.module}.{self.owner}"


_POLARS = ("polars.io", "polars")
OPENERS = (
    Opener("pyarrow.parquet.core", "", ("read_table", "read_metadata", "read_schema"), READ,
           "source", 0, ("pyarrow.parquet",)),
    Opener("pyarrow.parquet.core", "", ("write_table",), WRITTEN, "where", 1, ("pyarrow.parquet",)),
    Opener("pyarrow.parquet.core", "ParquetWriter", ("__init__",), WRITTEN, "where", 1),
    Opener("pyarrow.parquet.core", "ParquetFile", ("__init__",), READ, "source", 1),
    Opener("pyarrow.feather", "", ("write_feather",), WRITTEN, "dest", 1),
    Opener("pyarrow.feather", "", ("read_feather", "read_table"), READ, "source", 0),
    Opener("polars.io.csv.functions", "", ("read_csv", "scan_csv"), READ, "source", 0, _POLARS),
    Opener("polars.io.parquet.functions", "", ("read_parquet", "scan_parquet"), READ, "source", 0,
           _POLARS),
    Opener("polars.io.ipc.functions", "", ("read_ipc", "scan_ipc"), READ, "source", 0, _POLARS),
    Opener("polars.io.ndjson", "", ("read_ndjson", "scan_ndjson"), READ, "source", 0, _POLARS),
    Opener("polars.dataframe.frame", "DataFrame",
           ("write_csv", "write_parquet", "write_ipc", "write_ndjson", "write_json", "write_avro"),
           WRITTEN, "file", 1),
    Opener("polars.lazyframe.frame", "LazyFrame",
           ("sink_csv", "sink_parquet", "sink_ipc", "sink_ndjson"), WRITTEN, "path", 1),
    Opener("torch.serialization", "", ("save",), WRITTEN, "f", 1, ("torch",)),
    Opener("xgboost.core", "Booster", ("save_model",), WRITTEN, "fname", 1),
    Opener("xgboost.core", "Booster", ("load_model",), READ, "fname", 1),
    Opener("lightgbm.basic", "Booster", ("save_model",), WRITTEN, "filename", 1),
    Opener("catboost.core", "CatBoost", ("save_model",), WRITTEN, "fname", 1),
    Opener("h5py._hl.files", "File", ("__init__",), READ | WRITTEN, "name", 1),
    Opener("safetensors.numpy", "", ("save_file",), WRITTEN, "filename", 1),
    Opener("safetensors.torch", "", ("save_file",), WRITTEN, "filename", 1),
)  # fmt: skip


def start() -> None:
    """Wrap the functions of what is imported, and of the rest once it is."""
    for module in {opener.module for opener in OPENERS}:
        imports.when_imported(module, _wrap_module)


def stop() -> None:
    """Put the functions back."""
    for module in {opener.module for opener in OPENERS}:
        imports.forget(module)
    for opener in OPENERS:
        patching.unwrap_all(opener.key)


def _wrap_module(module: ModuleType) -> None:
    for opener in OPENERS:
        if opener.module == module.__name__:
            _wrap(opener, module)


def _wrap(opener: Opener, module: ModuleType) -> None:
    owner = getattr(module, opener.owner, None) if opener.owner else module
    holders: list[Any] = [owner, *(sys.modules.get(name) for name in opener.also)]
    for name in opener.names:
        function = getattr(owner, name, None)
        for holder in holders:
            if holder is not None and vars(holder).get(name) is function:
                patching.wrap(opener.key, holder, name, patching.Hook(before=_noting(opener)))


def _noting(opener: Opener) -> Callable[..., patching.Arguments]:
    """Return what notes the path among the arguments of a call."""

    def note(*args: Any, **kwargs: Any) -> patching.Arguments:
        by_name = kwargs.get(opener.argument)
        for path in _paths(args[opener.position] if len(args) > opener.position else by_name):
            saw(path, opener.how)
        return args, kwargs

    return note


def _paths(given: object) -> Iterator[object]:
    """Yield the paths in an argument: one, several, or a pattern of them."""
    if isinstance(given, list | tuple):
        for one in given[:MOST]:
            yield from _paths(one)
    elif isinstance(given, str) and glob.has_magic(given):
        yield from islice(glob.iglob(given, recursive=True), MOST)  # noqa: PTH207 - a text
    elif isinstance(given, str | bytes | os.PathLike) and "://" not in str(given):
        yield given
