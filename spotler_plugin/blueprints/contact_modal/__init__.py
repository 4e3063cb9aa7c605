"""The modal of a contact: `routes`, its form (`screen`), what stands above (`said`), `history`."""
