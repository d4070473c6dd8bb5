{ users.users."-a" = { isSystemUser = true; group = "a"; }; }
