/** systemd units and what belongs to them. */
{
  imports = [
    ./own-units.nix
    ./tmpfiles.nix
    ./units.nix
    ./user-units.nix
  ];
}
