"""Forms of backups: `files` (settings, an upload, its columns), `restore` (which part)."""
