builtins.readFileType ../files/nothing
