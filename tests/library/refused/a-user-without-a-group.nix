{ users.users.a.isSystemUser = true; }
