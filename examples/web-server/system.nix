# A web server with one page, a timer, files below /etc, an environment variable and a tool for everybody.
{ pkgs, ... }:

{
  services.nginx = {
    enable = true;
    recommendedOptimisation = true;
    recommendedGzipSettings = true;
    virtualHosts."localhost" = {
      default = true;
      root = pkgs.writeTextDir "index.html" ''
        <!doctype html>
        <title>System Manager</title>
        <h1>Hello from System Manager</h1>
      '';
      locations."/health".return = "200 ok";
    };
  };

  # Every five minutes, and once when the machine has started.
  systemd.services.heartbeat = {
    description = "Note that the machine is alive";
    startAt = "*:0/5";
    script = "date --iso-8601=seconds > /var/lib/heartbeat/last";
    serviceConfig = {
      Type = "oneshot";
      StateDirectory = "heartbeat";
    };
  };
  systemd.timers.heartbeat.timerConfig.OnBootSec = "1min";

  environment.etc = {
    "motd".text = "This machine is described in system.nix.\n";
    "motd".replaceExisting = true;
    # A copy with a mode of its own, in place of a link into the store. Everybody can read the store, and so this text:
    # a secret belongs into a file outside of it, named as a string, source = "/root/web-server-token".
    "web-server/operators" = {
      text = "alice\nbob\n";
      mode = "0600";
    };
  };
  environment.variables.EDITOR = "nano";
  environment.systemPackages = [ pkgs.tree ];
}
