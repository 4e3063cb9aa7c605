"""What is shipped: the wheel and the locks."""
