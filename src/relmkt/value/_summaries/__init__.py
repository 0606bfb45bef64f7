"""What do purchases boil down to? Rows of any form as one row a customer, for models and formulas."""
