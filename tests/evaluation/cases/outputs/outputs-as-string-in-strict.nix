derivationStrict { name = "multi"; builder = "/bin/sh"; system = "x86_64-linux"; outputs = "a  b\nc"; }
