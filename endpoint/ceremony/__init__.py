"""What two people do with the endpoint's keys: exchange them, back them up, prove that the backup holds.

docs/operations.md has the ceremony. ``python -m endpoint keys --help`` has the commands.
"""
