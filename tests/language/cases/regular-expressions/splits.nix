[ (builtins.split "(a)b" "abc") (builtins.split "([ac])" "abc") (builtins.split "(a)|(c)" "abc") (builtins.split "x" "abc") (builtins.split "" "ab") (builtins.split "/" "/a/b") ]
