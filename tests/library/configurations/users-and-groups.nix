{ pkgs, ... }:
{
  users.users = {
    root.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA root@desk" ];
    alice = {
      isNormalUser = true;
      description = "Alice";
      extraGroups = [ "sudo" ];
      shell = pkgs.bash;
      initialHashedPassword = "";
      packages = [ pkgs.ripgrep ];
      openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAA alice@desk" "ssh-ed25519 BBBB alice@lap" ];
    };
    app = {
      isSystemUser = true;
      uid = 950;
      group = "app";
      home = "/var/lib/app";
      createHome = true;
      linger = false;
      subUidRanges = [ { startUid = 500000; count = 1000; } ];
      expires = "2030-01-01";
    };
    off = { enable = false; isSystemUser = true; isNormalUser = true; };
  };
  users.extraUsers.builder = { isNormalUser = true; useDefaultShell = false; uid = 1500; group = "app"; };
  users.groups.app = { gid = 950; members = [ "alice" ]; };
}
