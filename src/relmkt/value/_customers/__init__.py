"""What does a base of customers show? Scores, cohorts, shares, referral, wallet, costs and sources of revenue."""
