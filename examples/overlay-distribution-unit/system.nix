# Units that the distribution brings.
{
  # Settings for a unit of the distribution: they become a drop-in, and the unit itself stays as it is.
  systemd.services.cron = {
    overrideStrategy = "asDropin";
    enableDefaultPath = false;
    serviceConfig = {
      Nice = 5;
      # An empty element takes back what the distribution says before the new value counts.
      ExecReload = [
        ""
        "/bin/true"
      ];
    };
  };

  # A unit of the distribution that must not run, even if something asks for it.
  systemd.maskedUnits = [ "apt-daily.timer" ];
}
