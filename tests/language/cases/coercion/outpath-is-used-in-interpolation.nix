let d = { outPath = "/somewhere"; }; in [ "${d}" "${d}/bin" (d + "/x") ]
