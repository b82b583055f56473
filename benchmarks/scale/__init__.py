"""Many installations in one subscription: measured counts, a simulation, figures and a page."""
