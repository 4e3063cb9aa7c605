"""What two at once must not do, forced on PostgreSQL; SQLite has one writer at a time."""
