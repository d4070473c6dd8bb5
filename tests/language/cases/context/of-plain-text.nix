[ (builtins.hasContext "a") (builtins.unsafeDiscardStringContext "a") (builtins.unsafeDiscardStringContext { outPath = "x"; }) ]
