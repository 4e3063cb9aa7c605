"""What is in a Mail+ account; knows nothing of HTTP."""
