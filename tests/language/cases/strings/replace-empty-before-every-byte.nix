builtins.replaceStrings [ "" ] [ "-" ] "aé"
