{ users.users = { a = { isSystemUser = true; group = "a"; uid = 5; }; b = { isSystemUser = true; group = "a"; uid = 5; }; }; }
