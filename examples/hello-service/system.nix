# A service from a shell script, started at boot and restarted when the script changes.
{ pkgs, ... }:

{
  systemd.services.hello = {
    description = "Says hello every minute";
    wantedBy = [ "multi-user.target" ];
    script = ''
      while true; do
        echo "Hello from $(hostname)"
        sleep 60
      done
    '';
    serviceConfig.Restart = "on-failure";
  };
}
