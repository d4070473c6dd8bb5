builtins.fromTOML "a = \"x\ny\""
