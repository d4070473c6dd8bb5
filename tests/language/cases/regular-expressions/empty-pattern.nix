[ (builtins.match "" "") (builtins.match "" "a") (builtins.split "" "ab") ]
