{ system-manager.healthChecks.web.retries = 1; }
