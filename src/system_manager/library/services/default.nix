/** Services with NixOS's option names, run by the distribution's packages. */
[
  ./cron.nix
  ./nginx
  ./openssh
]
++ import ./programs
