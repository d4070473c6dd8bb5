{ outPath = "/a"; } + "/b"
