"""Care recipients on the console: finding them, and seeing beyond one's own units for a reason."""
