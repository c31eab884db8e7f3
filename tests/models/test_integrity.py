"""What happened to a model's files since it was saved is found before any of them is read."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from nbtrail.errors import InvalidValue, NbtrailError
from nbtrail.models import MLmodel, load_model, load_native, save_model, seal

Wine = tuple[pd.DataFrame, Any]


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __reduce__(self) -> Any:
        return Path.touch, (Path("sprung"),)


@pytest.fixture
def model(classifier: Pipeline, wine: Wine) -> Path:
    save_model(classifier, "model", input_example=wine[0])
    return Path("model")


def test_every_file_is_listed_as_sha256sum_lists_it(model: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=model, check=True)
    listed = {line.split()[1] for line in (model / "SHA256SUMS").read_text().splitlines()}
    assert listed == {path.name for path in model.iterdir()} - {"SHA256SUMS"}


@pytest.mark.parametrize("name", ["model.skops", "MLmodel", "requirements.txt"])
def test_a_flipped_bit_a_cut_and_a_missing_file_are_refused_by_name(model: Path, name: str) -> None:
    path = model / name
    whole = path.read_bytes()
    flipped = bytes([whole[0] ^ 1]) + whole[1:]
    for content in (flipped, whole[:-1], b""):
        path.write_bytes(content)
        for load in (load_model, load_native):
            with pytest.raises(InvalidValue, match=f"its file {name} is not what was saved"):
                load(model)
    path.unlink()
    with pytest.raises(NbtrailError, match=name):
        load_model(model)


def test_nothing_is_unpickled_before(model: Path, classifier: Pipeline) -> None:
    with pytest.warns(UserWarning, match="pickle"):
        save_model(classifier, "pickled", serialization_format="pickle", pip_requirements=[])
    Path("pickled/model.pkl").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InvalidValue, match=r"model\.pkl is not what was saved"):
        load_model("pickled")
    assert not Path("sprung").exists()


def test_a_pickle_where_skops_was_promised_is_not_run(model: Path) -> None:
    (model / "model.skops").write_bytes(pickle.dumps(Trap()))
    seal(model)
    with pytest.raises(InvalidValue, match="is not a file of skops"):
        load_model(model)
    assert not Path("sprung").exists()


@pytest.mark.parametrize("name", ["os.system", "subprocess.Popen", "builtins.eval", "my.Estimator"])
def test_skops_that_asks_to_trust_other_types_is_not_safe(model: Path, name: str) -> None:
    about = MLmodel.read(model)
    about.flavors["sklearn"]["skops_trusted_types"] = ["sklearn.tree._tree.Tree", name]
    about.write(model)
    seal(model)
    for load in (load_model, load_native):
        with pytest.raises(InvalidValue, match=f"not safe: it asks to trust {name}"):
            load(model, safe=True)


@pytest.mark.parametrize("place", ["../outside/model.skops", "{}/outside/model.skops", "a/../.."])
def test_files_outside_of_the_directory_are_not_read(model: Path, place: str) -> None:
    Path("outside").mkdir()
    (model / "model.skops").rename("outside/model.skops")
    about = MLmodel.read(model)
    about.flavors["sklearn"]["pickled_model"] = place.format(Path.cwd())
    about.write(model)
    seal(model)
    with pytest.raises(InvalidValue, match="'pickled_model' leads out of the directory"):
        load_native(model)


def test_an_intended_change_is_sealed_and_what_has_no_digests_loads(model: Path) -> None:
    (model / "requirements.txt").write_text("")
    with pytest.raises(InvalidValue, match=r"models\.seal\(directory\)"):
        load_model(model)
    seal(model)
    assert load_model(model, safe=True)
    (model / "SHA256SUMS").unlink()
    assert load_model(model)


@pytest.mark.parametrize("line", ["", "nonsense\n", f"{'0' * 64}  ../secret\n"])
def test_a_damaged_list_is_refused(model: Path, line: str) -> None:
    (model / "SHA256SUMS").write_text(line)
    with pytest.raises(InvalidValue, match=r"SHA256SUMS in .* is damaged"):
        load_model(model)


@pytest.mark.parametrize(
    "content",
    [
        "flavors: !!python/object/apply:os.system ['touch sprung']",
        "flavors: {a: " + "[" * 5000 + "]" * 5000 + "}",
        "b0: &b0 [x, x]\n" + "".join(f"b{n}: &b{n} [*b{n - 1}, *b{n - 1}]\n" for n in range(1, 60)),
        "flavors: {}\n" + "#" * (17 << 20),
    ],
    ids=["tag", "deep", "unfolding", "huge"],
)
def test_yaml_that_builds_objects_or_has_no_end_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "MLmodel").write_text(content)
    with pytest.raises(InvalidValue, match=r"MLmodel file in .* is damaged"):
        MLmodel.read(tmp_path)
    assert not Path("sprung").exists()


def test_other_versions_are_told_in_one_warning(model: Path) -> None:
    (model / "requirements.txt").write_text("scikit-learn==0.1\nnowhere==1\npandas>=1\n")
    seal(model)
    said = r"scikit-learn \S+ \(saved with 0\.1\), nowhere is not installed \(saved with 1\)"
    with pytest.warns(UserWarning, match=said) as caught:
        load_model(model)
    assert len(caught) == 1
