{ users.mutableUsers = false; }
