"${./files + "/x.drv"}"
