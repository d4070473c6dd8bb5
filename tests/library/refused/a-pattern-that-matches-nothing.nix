{ environment.etc.x.source = ./. + "/*.nothing"; }
