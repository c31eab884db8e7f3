"""Signatures: inferred from examples and type hints, written as MLflow's JSON, and enforced."""
