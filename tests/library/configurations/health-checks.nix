{
  system-manager = {
    healthChecks = {
      database = {
        script = "pg_isready --quiet";
        retries = 30;
        interval = 0.5;
        timeout = 2;
      };
      web = {
        name = "the front page";
        url = "https://localhost:8443/login?next=%2F";
        expectedStatus = 302;
      };
      off = {
        enable = false;
      };
    };
    settleTime = 0.5;
    unitTimeout = 120;
  };
}
