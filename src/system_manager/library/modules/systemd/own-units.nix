/** The targets that System Manager brings along. */
{
  systemd.targets = {
    # Wants every unit that asked for multi-user.target or timers.target, so that a switch can start
    # exactly those.
    system-manager = {
      description = "Units of System Manager";
      documentation = [ "man:systemd.special(7)" ];
      wantedBy = [ "multi-user.target" ];
    };

    # Early work that is done again on a switch: its services are required by and ordered before this target.
    sysinit-reactivation.description = "Early units of System Manager that are run again on a switch";
  };
}
