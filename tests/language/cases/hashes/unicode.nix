builtins.hashString "sha256" "ä"
