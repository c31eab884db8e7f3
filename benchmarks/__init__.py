"""How fast nbtrail is, beside the raw limit and its peers, in one run: `make bench`."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
