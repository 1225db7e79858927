"""What sellerkit does, against what a user would use instead, in one run, as ratios."""
