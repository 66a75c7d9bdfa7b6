"""Who? Users, roles, units, cadres, and the shared ground: trail, notices, files, calendar, settings."""
