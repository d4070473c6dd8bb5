builtins.fetchGit null
