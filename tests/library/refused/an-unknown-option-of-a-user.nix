{ users.users.a = { isNormalUser = true; shel = "/bin/sh"; }; }
