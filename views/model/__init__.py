"""What the screens read and what they do: the phone, the shift, and the acts of care work."""
