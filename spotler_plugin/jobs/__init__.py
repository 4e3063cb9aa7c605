"""What workers do: an id in, a service called."""
