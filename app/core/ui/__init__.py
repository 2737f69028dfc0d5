"""What pages are made of: menu, slots, tables, paging."""
