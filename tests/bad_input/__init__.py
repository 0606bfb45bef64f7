"""What happens to what nobody should have sent: a clear error of our tree, and nothing half-written."""
