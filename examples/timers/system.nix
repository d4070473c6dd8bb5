# Services that run at times.
{ pkgs, ... }:

{
  # Every night at a quarter past two; `startAt` makes the timer.
  systemd.services.backup = {
    description = "Back up /srv";
    startAt = "02:15";
    path = [ pkgs.zstd ];
    script = ''
      mkdir -p /srv
      tar --create --directory /srv . | zstd --force -o /var/backups/srv.tar.zst
    '';
    serviceConfig.Type = "oneshot";
  };
  systemd.timers.backup.timerConfig = {
    # A run that was missed while the machine was off is made up for.
    Persistent = true;
    RandomizedDelaySec = "10min";
  };

  # A timer for a unit of its own name, first ten minutes after boot, then every six hours.
  systemd.services.report = {
    description = "Write down how full the disks are";
    script = "df --human-readable > /var/log/disks";
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
