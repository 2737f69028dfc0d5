"""`make bench-large`: caller look-up, search, lists, import and journal at 20 000 to 1 000 000 addresses."""
