[ (derivation { name = "nulls"; builder = "/bin/sh"; system = "x86_64-linux"; __ignoreNulls = true; a = null; b = [ null ]; }).drvPath
  (derivation { name = "nulls"; builder = "/bin/sh"; system = "x86_64-linux"; __ignoreNulls = false; a = null; }).drvPath
  (derivation { name = "nulls"; builder = "/bin/sh"; system = "x86_64-linux"; a = null; }).drvPath ]
