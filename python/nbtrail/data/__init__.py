"""Datasets: what a run used, known by its name and a hash of its whole content.

``nbtrail.log_input(nbtrail.data.from_pandas(df, source="sales.csv"), context="training")``
"""

from nbtrail.data.arrays import NumpyDataset, from_numpy
from nbtrail.data.dataset import Dataset
from nbtrail.data.files import FileDataset, from_file
from nbtrail.data.frames import PandasDataset, from_pandas
from nbtrail.data.huggingface import HuggingFaceDataset, from_huggingface
from nbtrail.data.polars_frames import PolarsDataset, from_polars
from nbtrail.data.source import DatasetSource, get_source

__all__ = [
    "Dataset",
    "DatasetSource",
    "FileDataset",
    "HuggingFaceDataset",
    "NumpyDataset",
    "PandasDataset",
    "PolarsDataset",
    "from_file",
    "from_huggingface",
    "from_numpy",
    "from_pandas",
    "from_polars",
    "get_source",
]
