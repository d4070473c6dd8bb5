(derivation {
  name = "structured"; builder = "/bin/sh"; system = "x86_64-linux"; __structuredAttrs = true;
  int = 1; float = 1.5; small = 0.1; big = 1.0e300; yes = true; nothing = null; list = [ 1 [ "a" { b = 2; } ] ]; set = { z = 1; a.b.c = [ ]; };
  text = "quote \" backslash \\ newline \n tab \t control \u0001 unicode ž🐎 slash /";
}).drvPath
