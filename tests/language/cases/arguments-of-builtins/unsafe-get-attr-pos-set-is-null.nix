builtins.unsafeGetAttrPos "a" null
