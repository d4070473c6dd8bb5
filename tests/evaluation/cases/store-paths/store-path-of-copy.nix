builtins.storePath (builtins.unsafeDiscardStringContext "${../files/tree}") == "${../files/tree}"
