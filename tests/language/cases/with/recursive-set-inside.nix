with { x = "with"; }; rec { y = x; x = "rec"; }
