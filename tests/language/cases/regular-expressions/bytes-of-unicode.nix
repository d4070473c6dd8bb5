[ (builtins.match "." "ä") (builtins.match ".." "ä") (builtins.match "(ä)" "ä") ]
