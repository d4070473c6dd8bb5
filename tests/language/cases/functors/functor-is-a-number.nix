{__functor=1;} 3
