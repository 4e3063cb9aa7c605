"""The modal of a contact: `routes`, its form (`screen`), and what stands above that (`said`)."""
