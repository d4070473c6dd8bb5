{ users.users.bob = { isNormalUser = true; uid = -5; }; }
