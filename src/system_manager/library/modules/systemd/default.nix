/** systemd units and what belongs to them. */
{
  imports = [
    ./hooks.nix
    ./own-units.nix
    ./tmpfiles.nix
    ./units.nix
    ./user-tmpfiles.nix
    ./user-units.nix
  ];
}
