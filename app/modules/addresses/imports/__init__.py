"""Imports from the page: the file is kept in the database, a job works on it, whoever may import sees how far it is."""
