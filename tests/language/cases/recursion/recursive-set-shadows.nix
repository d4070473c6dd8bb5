let x = "outer"; in rec { x = "inner"; y = x; z = rec { x = "innermost"; w = x; }; }
