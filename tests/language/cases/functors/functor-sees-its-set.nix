{__functor=self: x: x+self.y; y=2;} 3
