"""The calls of the protocol. docs/protocol.md says what each promises."""
