"""The HTTP transport that both REST clients share; what is safe to send and log is decided here."""
