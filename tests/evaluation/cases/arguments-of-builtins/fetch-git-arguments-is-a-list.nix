builtins.fetchGit [ ]
