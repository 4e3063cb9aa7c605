"""The modal of a contact: `routes`, how its form looks (`screen`), what stands above it (`said`)."""
