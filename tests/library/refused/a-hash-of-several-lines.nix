{ users.users.a = { isNormalUser = true; hashedPassword = "a\nb"; }; }
