{ users.users.a = { isNormalUser = true; homeMode = "rwx"; }; }
