{__functor=self: self.f; f=x: x;} 3
