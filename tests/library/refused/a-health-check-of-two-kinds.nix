{ system-manager.healthChecks.web = { url = "http://localhost/"; script = "true"; }; }
