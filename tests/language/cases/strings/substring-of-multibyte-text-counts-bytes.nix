[ (builtins.stringLength "aé") (builtins.substring 1 2 "aéb") ]
