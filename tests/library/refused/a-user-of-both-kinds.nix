{ users.users.a = { group = "a"; uid = 999; isNormalUser = true; }; }
