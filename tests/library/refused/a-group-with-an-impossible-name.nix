{ users.groups."a b" = { }; }
