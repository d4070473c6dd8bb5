{ assertions = [ { assertion = false; message = "first"; } { assertion = true; message = "second"; } { assertion = false; message = "third"; } ]; }
