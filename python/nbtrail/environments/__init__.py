"""Environments of their own: of projects, of runs' packages, of models that are served.

uv.py and conda.py make them. One is made for each list of what is to be in it, and kept in the
user's cache by its digest.
"""
