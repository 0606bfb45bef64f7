"""Who is still a customer, and what will they buy? Models of purchases and spend, and how they are judged."""
