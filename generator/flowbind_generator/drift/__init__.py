"""Drift between two exports of a workflow: what is different for code that uses the class."""
