builtins.genericClosure { startSet = null; operator = x: [ ]; }
