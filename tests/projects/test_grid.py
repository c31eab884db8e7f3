import numpy as np

from nbtrail.projects.grid import combinations


def test_the_last_name_of_a_grid_changes_first() -> None:
    found = combinations({"a": 0}, {"b": [1, 2], "c": ["x", "y"]})
    assert [(one["a"], one["b"], one["c"]) for one in found] == [
        (0, 1, "x"), (0, 1, "y"), (0, 2, "x"), (0, 2, "y")
    ]  # fmt: skip


def test_numbers_of_numpy_are_numbers() -> None:
    [found] = combinations({"n": np.int64(3), "layers": np.array([8, 4])}, None)
    assert found == {"n": 3, "layers": [8, 4]}
