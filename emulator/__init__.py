"""Everything needed to run the product on one machine without Azure; never deployed."""
