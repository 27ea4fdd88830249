"""What travels between phone and endpoint: envelope, signature, seal, receipt, page, and the messages."""
