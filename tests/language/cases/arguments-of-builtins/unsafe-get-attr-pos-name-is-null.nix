builtins.unsafeGetAttrPos null { }
