{ ${null}.a = throw "never"; }
