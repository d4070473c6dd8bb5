builtins.toXML undefined
