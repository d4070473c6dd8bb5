/**
  The distribution's packages as derivations.

  The output holds links to where the package puts its programs (`bin/nginx -> /usr/sbin/nginx`), and
  `nix-support/distro-package.json` says what has to be installed for them to lead somewhere.
*/
{ lib, distribution, ... }:

let
  inherit (builtins) mapAttrs toJSON;

  index = distribution.packages;
  names = import ./names (distribution.packageManager or "apt-get");

  # Versions have characters (":" of an epoch, "~") that a store path may not have.
  storeName = lib.strings.sanitizeDerivationName;

  packageFile =
    record:
    derivation (
      {
        name = storeName record.fileName;
        system = "builtin";
        builder = "builtin:distro-fetch";
        packageName = record.name;
        inherit (record) version architecture;
        outputHashMode = "flat";
        outputHashAlgo = "sha256";
        outputHash = record.sha256;
        preferLocalBuild = true;
      }
      // lib.optionalAttrs (distribution.locked or false) { locked = true; }
    );

  attributesOf = record: {
    name = storeName "${record.name}-${record.version}";
    inherit (distribution) system;
    builder = "builtin:distro-package";
    packageName = record.name;
    inherit (record) version architecture sha256;
    file = packageFile record;
    preferLocalBuild = true;
  };

  # programs: { name here = name in the package; } for programs that the distribution renamed.
  fromRecord =
    programs: record:
    derivation (
      attributesOf record
      // lib.optionalAttrs (programs != { }) { programs = toJSON programs; }
    )
    // {
      pname = record.name;
      inherit (record) version;
      distributionPackage = { inherit (record) name version architecture; };
      meta = {
        inherit (record) name;
        mainProgram = names.mainPrograms.${record.name} or record.name;
      };
      passthru = { };
    };

  # What the lock file wants besides. Nothing refers to these, and nobody has asked for them.
  dependency =
    record:
    derivation (attributesOf record // { automatic = true; });

  missing =
    wanted: name:
    throw "pkgs.${wanted}: ${distribution.id} ${distribution.versionId} has no package '${name}'. Refresh the package lists (${names.refresh}), or add the archive that has it";

  # Of names that a distribution has had at different times, the first that it has now.
  chosen =
    names:
    let
      present = builtins.filter (name: index ? ${name}) names;
    in
    builtins.head (present ++ names);

  # An entry of names/ is the distribution's name, or several of them, or { package, programs }.
  fromAlias =
    wanted: entry:
    let
      name = if builtins.isList entry then chosen entry else entry.package or entry;
    in
    fromRecord (entry.programs or { }) (index.${name} or (missing wanted name));

  shell = name: shellPath: fromAlias name name // { inherit shellPath; };
in
mapAttrs (wanted: _: missing wanted wanted) names.elsewhere
// mapAttrs (_: fromRecord { }) index
// mapAttrs fromAlias names.renamed
// lib.genAttrs names.kernels (
  name: throw "pkgs.${name}: the kernel and its modules are the distribution's, and cannot be chosen here"
)
// {
  lockedDependencies = map dependency (distribution.dependencies or [ ]);

  # Shells can be login shells, which modules check through shellPath.
  bash = shell "bash" "/bin/bash";
  bashInteractive = shell "bash" "/bin/bash";
  zsh = shell "zsh" "/bin/zsh";
  fish = shell "fish" "/usr/bin/fish";
}
