"""Every failure of this package.

WireError
├── EnvelopeError     bytes that are not an envelope
├── SignatureError    a signature that does not hold, or a key that is not one
├── SealError         a sealed fact that cannot be opened
└── MessageError      an answer that does not have its form
"""


class WireError(Exception):
    """Base of everything that wire/ raises."""


class EnvelopeError(WireError):
    """The bytes are not an envelope."""


class SignatureError(WireError):
    """The signature does not hold over these bytes under this key."""


class SealError(WireError):
    """A sealed fact that does not open: wrong key, changed bytes, or another fact's or device's seal."""


class MessageError(WireError):
    """A message from the other side that does not have its form."""
