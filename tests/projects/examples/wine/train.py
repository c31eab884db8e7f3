"""Fits an elastic net, as the examples of MLflow do; all that it logs goes to the run it is."""

import argparse
import csv
from pathlib import Path

import nbtrail as mlflow

parser = argparse.ArgumentParser()
parser.add_argument("--alpha", type=float)
parser.add_argument("--l1-ratio", type=float)
parser.add_argument("--note", default="")
parser.add_argument("data", type=Path)
given = parser.parse_args()

with given.data.open(newline="") as file:
    rows = [[float(value) for value in row] for row in csv.reader(file)]
mean = sum(row[-1] for row in rows) / len(rows)
print("note:", given.note)
with mlflow.start_run():
    mlflow.log_param("rows", len(rows))
    mlflow.log_metric("penalty", given.alpha * given.l1_ratio + (1 - given.l1_ratio))
    mlflow.log_metric("mae", sum(abs(row[-1] - mean) for row in rows) / len(rows))
