(derivation {
  name = "values"; builder = "/bin/sh"; system = "x86_64-linux";
  int = -42; yes = true; no = false; nothing = null; text = "a\nb\t\"c\" \\ \r $d";
  list = [ 1 "two" true null [ 3 [ ] "four" ] [ ] ];
  empty = ""; emptyList = [ ]; float = 1.5; third = 0.1; big = 1.0e30;
  set = { outPath = "/some/where"; }; string = { __toString = self: "made ${self.x}"; x = "up"; };
}).drvPath
