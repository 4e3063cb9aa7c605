"""A world to test in: the sandbox and the demo CRM over HTTP, and an environment tied to both."""
