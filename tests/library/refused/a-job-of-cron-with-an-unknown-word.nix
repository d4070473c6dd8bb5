{ services.cron = { enable = true; systemCronJobs = [ "@dayly root true" ]; }; }
