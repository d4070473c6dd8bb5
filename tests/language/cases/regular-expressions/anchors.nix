[ (builtins.match "^a$" "a") (builtins.split "^a" "aab") (builtins.split "b$" "abb") ]
