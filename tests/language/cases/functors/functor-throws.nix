{ __functor = throw "functor"; } 1
