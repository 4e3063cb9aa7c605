"""What workers do, with the real queue."""
