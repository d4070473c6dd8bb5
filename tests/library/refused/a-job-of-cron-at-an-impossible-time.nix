{ services.cron = { enable = true; systemCronJobs = [ "61 25 * * * root true" ]; }; }
