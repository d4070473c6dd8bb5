builtins.toFile "u" "žluť 🐎"
