"""Makes a folder with data."""

import sys

import nbtrail

with nbtrail.start_run():
    nbtrail.log_text(sys.argv[1], "data/rows.txt")
    nbtrail.log_metric("rows", float(sys.argv[1]) * 10)
