{ environment.etc.x.mode = "0600"; }
