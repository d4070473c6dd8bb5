builtins.stringLength (builtins.replaceStrings [ "" ] [ "-" ] "ä")
