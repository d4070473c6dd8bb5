# Services that run at times.
{ pkgs, ... }:

{
  # Every night at a quarter past two; `startAt` makes the timer.
  systemd.services.backup = {
    description = "Back up /srv";
    startAt = "02:15";
    script = "tar --create --gzip --file /var/backups/srv.tar.gz --directory / srv";
    serviceConfig.Type = "oneshot";
  };
  systemd.timers.backup.timerConfig = {
    # A run that was missed while the machine was off is made up for.
    Persistent = true;
    RandomizedDelaySec = "10min";
  };

  # A timer for a unit of its own name, first ten minutes after boot, then every six hours.
  systemd.services.report = {
    description = "Write down what is in /srv";
    # Packages that the script finds its programs in; they are installed because of that.
    path = [ pkgs.tree ];
    script = "tree --du -h /srv > /var/log/contents-of-srv";
    serviceConfig.Type = "oneshot";
  };
  systemd.timers.report = {
    wantedBy = [ "timers.target" ];
    timerConfig = {
      OnBootSec = "10min";
      OnUnitActiveSec = "6h";
    };
  };
}
