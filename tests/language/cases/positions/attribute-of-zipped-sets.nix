builtins.unsafeGetAttrPos "a" (builtins.zipAttrsWith (name: values: values) [ { a = 1; } { a = 2; } ])
