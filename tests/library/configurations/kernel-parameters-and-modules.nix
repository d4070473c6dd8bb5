{
  boot.kernel.sysctl = { "net.ipv4.ip_forward" = true; "vm.swappiness" = 10; "kernel.sysrq" = null; "kernel.core_pattern" = "|/bin/false"; };
  boot.kernelModules = [ "tcp_bbr" "loop" ];
}
