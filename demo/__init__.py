"""What stands around the plugin in the demo: a small CRM and a stand-in for Spotler."""
