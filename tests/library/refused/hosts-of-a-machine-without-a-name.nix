{ networking.extraHosts = "192.0.2.1 a"; }
