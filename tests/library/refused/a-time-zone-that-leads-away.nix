{ time.timeZone = "../../root/x"; }
