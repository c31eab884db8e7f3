"""What a run executed, executed again: the same and compared, or with other parameters."""
