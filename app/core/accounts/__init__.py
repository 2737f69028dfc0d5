"""Users, log-in sessions, roles, permissions, personal settings and API tokens."""
