{ lib, ... }:
{
  security.sudo = {
    enable = true;
    wheelNeedsPassword = false;
    extraRules = [
      { users = [ "alice" 1000 ]; groups = [ "operators" 100 ]; commands = [ "/usr/bin/id" { command = "/usr/bin/true x"; options = [ "NOPASSWD" "SETENV" ]; } ]; }
      { users = [ "bob" ]; host = "web"; runAs = "www-data"; commands = [ "ALL" ]; }
      { users = [ "nobody" ]; commands = [ ]; }
    ];
    extraConfig = "Defaults lecture = never";
  };
  security.wrappers = {
    ping = { source = "/usr/bin/ping"; owner = "root"; group = "root"; capabilities = "cap_net_raw+ep"; };
    "odd name" = { program = "it's"; source = "/usr/bin/id"; owner = "app"; group = "app"; permissions = "u+rx,g+x"; setuid = true; setgid = true; };
    off = { enable = false; source = "/usr/bin/id"; owner = "root"; group = "root"; };
  };
  security.pam.services.login.limits = [ { item = "core"; } ];
}
