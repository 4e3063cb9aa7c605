"""The one transport below both REST clients: what is safe on the line is decided here, once."""
