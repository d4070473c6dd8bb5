builtins.typeOf ("" + toString /a)
