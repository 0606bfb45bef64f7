"""What stores must do."""
