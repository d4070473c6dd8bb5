[ (toString /a/b) (toString ./.) (builtins.typeOf (toString /a)) ]
