with builtins; [ (match "[a-z]{2,3}([0-9]+)?" "ab12") (match "(.*)=(.*)" "a=b=c") (match "[^.]+" "a.b") (split "[.-]" "1.2-3") (match "a|b" "b") (match "" "") ]
