"""What a release is made with: the list of what is in it, and whether any of that is known to be unsafe."""
