"""What strangers may send: every call of the description, and every reader of bytes from outside.

``python -m tests.abuse calls`` and ``python -m tests.abuse readers [--seconds N]``. tests/test_abuse.py
runs a little of both, `make soak` much.
"""
