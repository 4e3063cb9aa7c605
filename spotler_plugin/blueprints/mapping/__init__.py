"""The mapping's editor: `routes`, how it looks (`screen`), its selects (`selects`)."""
