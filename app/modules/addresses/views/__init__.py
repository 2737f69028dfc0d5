"""Pages and API of addresses."""
