"""The kit, applied to what is ours."""
