builtins.fetchGit { url = "/none"; unknown = 1; }
