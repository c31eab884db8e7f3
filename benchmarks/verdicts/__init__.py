"""Are the verdicts right? Sessions, and what restart-and-run-all really gives."""
