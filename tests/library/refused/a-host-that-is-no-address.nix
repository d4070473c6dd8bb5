{ networking.hostName = "x"; networking.hosts.printer = [ "192.0.2.1" ]; }
