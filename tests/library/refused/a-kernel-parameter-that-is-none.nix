{ boot.kernel.sysctl."a b" = 1; }
