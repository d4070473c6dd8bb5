/** What is said about packages: their `meta` attribute, names, main programs. */
{ lib }:

let
  inherit (builtins) isString match typeOf;

  addMetaAttrs =
    added: package:
    if package ? overrideAttrs then
      package.overrideAttrs (old: {
        meta = old.meta or { } // added;
      })
    else
      package // { meta = package.meta or { } // added; };

  setPrio = priority: addMetaAttrs { inherit priority; };
in
{
  inherit addMetaAttrs setPrio;

  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };
  setName = name: package: package // { inherit name; };
  updateName = update: package: package // { name = update package.name; };
  appendToName =
    suffix:
    lib.updateName (
      name:
      let
        parsed = builtins.parseDrvName name;
      in
      "${parsed.name}-${suffix}-${parsed.version}"
    );
  mapDerivationAttrset =
    function: set: builtins.mapAttrs (_: value: if lib.isDerivation value then function value else value) set;

  defaultPriority = 5;
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);
  lowPrioSet = lib.mapDerivationAttrset lib.lowPrio;
  hiPrioSet = lib.mapDerivationAttrset lib.hiPrio;

  platformMatch =
    platform: pattern:
    if isString pattern then
      platform ? system && pattern == platform.system
    else
      lib.matchAttrs (if pattern ? parsed then pattern else { parsed = pattern; }) platform;
  availableOn =
    platform: package:
    let
      matches = builtins.any (lib.meta.platformMatch platform);
    in
    (!(package ? meta.platforms) || matches package.meta.platforms)
    && (!(package ? meta.badPlatforms) || !matches package.meta.badPlatforms);

  licensesSpdx = lib.mapAttrs' (_: license: lib.nameValuePair license.spdxId license) (
    lib.filterAttrs (_: license: license ? spdxId) lib.licenses
  );
  getLicenseFromSpdxIdOr =
    id: default:
    (lib.mapAttrs' (name: lib.nameValuePair (lib.toLower name)) lib.licensesSpdx).${lib.toLower id} or default;
  getLicenseFromSpdxId =
    id:
    lib.getLicenseFromSpdxIdOr id (
      lib.warn "getLicenseFromSpdxId: no license with the SPDX id ${id}" {
        shortName = id;
        spdxId = id;
      }
    );

  # The main program's path; the package's name stands in for a missing meta.mainProgram.
  getExe =
    package:
    lib.getExe' package (
      package.meta.mainProgram or (lib.warn
        "getExe: package ${package.meta.name or package.pname or package.name} has no meta.mainProgram; its own name is used"
        lib.getName
        package
      )
    );
  getExe' =
    package: program:
    assert lib.assertMsg (lib.isDerivation package)
      "lib.meta.getExe': The first argument is of type ${typeOf package}, but it should be a derivation instead.";
    assert lib.assertMsg (isString program)
      "lib.meta.getExe': The second argument is of type ${typeOf program}, but it should be a string instead.";
    assert lib.assertMsg (match ".*/.*" program == null)
      "lib.meta.getExe': The second argument \"${program}\" is a path, but it should just be the name of the executable.";
    "${lib.getBin package}/bin/${program}";
}
