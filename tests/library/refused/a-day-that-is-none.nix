{ users.users.a = { isNormalUser = true; expires = "tomorrow"; }; }
