"""How a page of the CRM holds one of ours."""
