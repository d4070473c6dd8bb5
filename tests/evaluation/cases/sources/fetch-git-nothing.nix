builtins.fetchGit ./files/nothing
