"""Figures of the product's speed, as ratios measured in one run; ``make bench`` prints them."""
