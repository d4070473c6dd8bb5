with builtins; [ (hasContext "a") (hasContext (unsafeDiscardStringContext "x")) ]
