"""Phones, an endpoint with two workers and everything that goes wrong between them, in virtual time.

``python -m tests.simulation --seeds N [--from K]``. docs/simulation.md says what is drawn, what is checked
and what has been run. The storage, the sync and the endpoint are the real ones; time, chance and the network
are not.
"""
