"""What a worker does: requests read, checked, predicted in batches and answered over HTTP."""
