({ __functor = self: self.g; g = { __functor = self: x: x; }; }) 4
