/** File systems of NixOS as units of mounts, but for those that are mounted before this configuration counts. */
{ config, lib, ... }:

let
  # The system itself is on them, or cannot start without them: they are in the distribution's fstab(5).
  isOfTheBase =
    path:
    lib.any (base: path == base || lib.hasPrefix "${base}/" path) [
      "/boot"
      "/efi"
      "/etc"
      "/nix"
      "/usr"
      "/var/lib/system-manager"
    ]
    || lib.elem path [
      "/"
      "/home"
      "/var"
      "/var/lib"
      "/var/log"
    ];

  own = lib.filterAttrs (path: _: !isOfTheBase path) config.fileSystems;

  # What tells fstab(5) when to mount is not for mount(8).
  isForMount = option: option != "noauto" && option != "auto" && option != "nofail" && !lib.hasPrefix "x-systemd." option;
  remote = [ "9p" "ceph" "cifs" "nfs" "nfs4" "smb3" "sshfs" ];

  mount =
    path: entry:
    let
      given = entry.options or [ ];
      kept = lib.filter isForMount given;
      isRemote = lib.elem (entry.fsType or "auto") remote || lib.elem "_netdev" given;
      automatic = lib.elem "x-systemd.automount" given;
    in
    {
      where =
        if lib.hasPrefix "/" path then path else throw "fileSystems.\"${path}\": a place to mount at begins with a slash.";
      what =
        if entry ? label && !(entry ? device) then
          "/dev/disk/by-label/${entry.label}"
        else
          entry.device or (throw "fileSystems.\"${path}\" needs a device or a label.");
      type = entry.fsType or "auto";
      description = "Mount of ${path}";
      wantedBy = lib.optional (!automatic && !lib.elem "noauto" given) "multi-user.target";
      after = lib.optional isRemote "network-online.target";
      wants = lib.optional isRemote "network-online.target";
    }
    // lib.optionalAttrs (kept != [ ] && kept != [ "defaults" ]) { options = lib.concatStringsSep "," kept; };

  automount = path: {
    where = path;
    description = "Mount of ${path} when it is used";
    wantedBy = [ "multi-user.target" ];
  };
in
{
  config = {
    systemd.mounts = lib.mapAttrsToList mount own;
    systemd.automounts = map automount (
      lib.attrNames (lib.filterAttrs (_: entry: lib.elem "x-systemd.automount" (entry.options or [ ])) own)
    );
    system-manager.mounted = lib.attrNames own;
  };

  options.system-manager.mounted = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    internal = true;
    default = [ ];
    description = "Where file systems are mounted by units.";
  };
}
