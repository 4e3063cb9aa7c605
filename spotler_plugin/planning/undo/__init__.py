"""Taking a run back: `order` is what is asked, `earlier` what Spotler had, `patch` what the CRM."""
