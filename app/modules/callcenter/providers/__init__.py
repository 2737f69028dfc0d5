"""Telephone systems. A provider only translates: no database, no Flask, no journal."""
