{ users.users.a.description = "a:b"; users.users.a.isNormalUser = true; }
