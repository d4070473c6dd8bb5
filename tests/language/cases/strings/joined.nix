[ (builtins.concatStringsSep "," [ ]) (builtins.concatStringsSep "," [ "a" ]) (builtins.concatStringsSep ", " [ "a" "" "b" ]) (builtins.concatStringsSep "" [ "x" { outPath = "y"; } ]) ]
