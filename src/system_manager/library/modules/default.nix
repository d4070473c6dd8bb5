/** Every module of System Manager, in the order of the folder. */
[
  ./assertions.nix
  ./auto-upgrade.nix
  ./checks.nix
  ./environment.nix
  ./etc.nix
  ./health.nix
  ./kernel.nix
  ./left-to-distribution.nix
  ./nix.nix
  ./nixpkgs.nix
  ./sudo.nix
  ./systemd
  ./toplevel.nix
  ./users.nix
  ./wrappers.nix
]
