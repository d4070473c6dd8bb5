builtins.fetchurl { url = "file:///x"; hash = ""; }
