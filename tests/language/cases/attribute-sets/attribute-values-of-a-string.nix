builtins.attrValues "x"
