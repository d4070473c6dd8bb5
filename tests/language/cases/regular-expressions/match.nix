with builtins; [ (match "ab" "abc") (match "abc" "abc") (match "a(b)(c)" "abc") (match "a(b)?c" "ac") (match "[[:space:]]+([[:upper:]]+)[[:space:]]+" " FOO ") (match ".*\\.nix" "a.nix") ]
