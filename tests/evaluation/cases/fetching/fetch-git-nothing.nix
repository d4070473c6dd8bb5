builtins.fetchGit ../files/nothing
