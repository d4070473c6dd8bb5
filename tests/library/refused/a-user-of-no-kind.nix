{ users.users.a.group = "a"; }
