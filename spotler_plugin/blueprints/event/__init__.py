"""Events: taken in from the CRM, and shown to administrators."""
