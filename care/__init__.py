"""The rules of care work, pure: no I/O, no clock, no screen, no database, no cryptography.

Time and identities are passed in, so that phone and endpoint reach the same answer from the same facts.
"""
