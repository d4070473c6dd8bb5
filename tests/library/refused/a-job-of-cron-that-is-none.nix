{ services.cron = { enable = true; systemCronJobs = [ "* * * root true" ]; }; }
