builtins.genericClosure { startSet = throw "start"; operator = x: [ ]; }
