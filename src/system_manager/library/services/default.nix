/** Services with NixOS's option names, run by the distribution's packages. */
[
  ./nginx
  ./openssh
]
