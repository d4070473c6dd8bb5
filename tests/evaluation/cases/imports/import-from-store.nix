import "${../files/package}"
