{__toString = self: "x" + self.y; y = "q";} + "y"
