builtins.tryEval { a = throw "deep"; }
