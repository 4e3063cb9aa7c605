"""The plugin's API for the CRM: `routes`, who asks (`caller`), and how often (`limit`)."""
