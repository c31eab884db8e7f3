"""The functions that people call: MLflow's names, arguments and return fields."""
