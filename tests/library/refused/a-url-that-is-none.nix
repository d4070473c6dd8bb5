{ system-manager.healthChecks.web.url = "ftp://localhost/"; }
