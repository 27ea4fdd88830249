"""Who has read and written what of whom: the log, its chains, signed heads, verification. docs/audit.md."""
