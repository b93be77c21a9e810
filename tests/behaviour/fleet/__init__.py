"""Fleets: instances over several servers, in one process and in several."""
