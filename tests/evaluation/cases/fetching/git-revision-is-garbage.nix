builtins.fetchGit { url = "/none"; rev = "x"; }
