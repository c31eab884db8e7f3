"""`python -m nbtrail` is `nbtrail`."""

from nbtrail.cli import main

main(prog_name="nbtrail")
