let d = derivation { name = "fixed"; builder = "/bin/sh"; system = "x86_64-linux"; outputHash = "d41d8cd98f00b204e9800998ecf8427e"; outputHashAlgo = "md5"; };
in [ d.drvPath d.outPath ]
