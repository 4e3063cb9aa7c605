"""What people do, in a real browser, with every process of the product running."""
