{ users.groups = { a.gid = 5; b.gid = 5; }; }
