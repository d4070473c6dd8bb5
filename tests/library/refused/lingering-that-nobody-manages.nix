{ users.manageLingering = false; users.users.a = { isNormalUser = true; linger = true; }; }
