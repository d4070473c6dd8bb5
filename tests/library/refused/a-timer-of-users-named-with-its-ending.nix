{ systemd.user.timers."greet.timer".timerConfig.OnCalendar = "daily"; }
