import "${./files/package}"
