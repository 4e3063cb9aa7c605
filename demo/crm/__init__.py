"""A small CRM that embeds the widgets, sends the events and serves the CRM's API."""
