/** Every module of System Manager, in the order of the folder. */
[
  ./assertions.nix
  ./checks.nix
  ./environment.nix
  ./etc.nix
  ./health.nix
  ./kernel.nix
  ./left-to-distribution.nix
  ./nixpkgs.nix
  ./systemd
  ./toplevel.nix
  ./users.nix
]
