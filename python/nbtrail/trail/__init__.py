"""The trail: pure analysis of what cells did, without IPython."""
