let o = { __toString = self: "I am ${self.name}"; name = "o"; }; in [ "${o}" (toString o) ]
