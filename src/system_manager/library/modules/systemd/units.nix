/** System units. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.systemd;

  kinds = import ./options.nix {
    inherit lib pkgs;
    strictByDefault = cfg.enableStrictShellChecks;
  };
  text = import ./text.nix { inherit lib; };
  links = import ./links.nix { inherit lib; };
  names = import ./names.nix { inherit lib; };

  option =
    kind: description:
    mkOption {
      type = types.attrsOf (types.submodule kinds.${kind});
      default = { };
      apply = names.namedUnits "systemd.${kind}";
      inherit description;
    };
  listOption =
    description: modules:
    mkOption {
      type = types.listOf (types.submodule modules);
      default = [ ];
      inherit description;
    };

  # A unit of one kind as an entry of systemd.units.
  whole = suffix: render: unit: {
    name = "${unit.name}.${suffix}";
    value = {
      inherit (unit)
        enable
        overrideStrategy
        aliases
        wantedBy
        requiredBy
        upheldBy
        ;
      text = render unit;
    };
  };
  ofKind =
    suffix: render: units:
    lib.mapAttrs' (_: whole suffix render) units;
  inList = suffix: render: units: lib.listToAttrs (map (whole suffix render) units);

  typed = {
    service = cfg.services;
    socket = cfg.sockets;
    timer = cfg.timers;
    path = cfg.paths;
    target = cfg.targets;
    slice = cfg.slices;
  };

  # What the unit is ordered after; a unit given as text says it there.
  orderedAfter =
    fullName:
    let
      parts = lib.match "(.*)\\.([a-z]+)" fullName;
      name = lib.head parts;
      suffix = lib.elemAt parts 1;
    in
    if parts == null then [ ] else (typed.${suffix} or { }).${name}.after or [ ];

  checkName =
    name: unit:
    if lib.match names.unitNamePattern name == null then
      throw "systemd.units.\"${name}\": this is not the name of a unit, which ends in .service, .timer or another kind"
    else if unit.enable && unit.text == null then
      throw "systemd.units.\"${name}\": the unit has no text"
    else
      unit // { orderedAfter = orderedAfter name; };

  scheduled = lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) cfg.services;

  oneshotRestart =
    name: service:
    lib.optional (
      service.serviceConfig.Type or "" == "oneshot"
      && lib.elem (service.serviceConfig.Restart or "no") [
        "always"
        "on-success"
      ]
    ) "systemd.services.${name}: Restart=${service.serviceConfig.Restart} does not go with Type=oneshot";
  reloadTwice =
    name: service:
    lib.optional (service.reloadIfChanged && service.reloadTriggers != [ ])
      "systemd.services.${name}: reloadIfChanged = true reloads on every change, so reloadTriggers adds nothing";
  unorderedNetwork =
    name: service:
    lib.optional
      (
        lib.elem "network-online.target" service.after
        && !lib.elem "network-online.target" (service.wants ++ service.requires ++ service.bindsTo)
      )
      "systemd.services.${name} is ordered after network-online.target, but nothing makes that target start: add it to `wants`";
in
{
  options.systemd = {
    services = option "services" "Services, by name without `.service`.";
    sockets = option "sockets" "Sockets, by name without `.socket`.";
    timers = option "timers" "Timers, by name without `.timer`.";
    paths = option "paths" "Path units, by name without `.path`.";
    targets = option "targets" "Targets, by name without `.target`.";
    slices = option "slices" "Slices, by name without `.slice`.";
    mounts = listOption "Mounts; the name follows from `where`." kinds.mounts;
    automounts = listOption "Automounts; the name follows from `where`." kinds.automounts;
    units = option "units" "Units of any kind, by full name. The options above end up here.";
    packages = mkOption {
      type = types.listOf types.package;
      default = [ ];
      description = "Packages that bring units. Nothing is started because of that.";
    };
    maskedUnits = mkOption {
      type = types.listOf kinds.unitName;
      default = [ ];
      example = [ "apt-daily.timer" ];
      description = "Units of the distribution that must not run.";
    };
    globalEnvironment = mkOption {
      type = types.attrsOf (
        types.nullOr (
          types.oneOf [
            types.str
            types.path
            types.package
          ]
        )
      );
      default = { };
      description = "Environment variables of every service here.";
    };
    enableStrictShellChecks = mkOption {
      type = types.bool;
      default = false;
      description = "Default of the option of the same name of every service.";
    };
    package = lib.mkPackageOption pkgs "systemd" { };
  };

  options.system-manager.build.systemUnits = mkOption {
    type = types.raw;
    internal = true;
    readOnly = true;
    description = "{ files, units } of the manifest for system units.";
  };

  config = {
    systemd.units = lib.mkMerge [
      (ofKind "service" (text.service cfg.globalEnvironment) cfg.services)
      (ofKind "socket" text.socket cfg.sockets)
      (ofKind "timer" text.timer cfg.timers)
      (ofKind "path" text.path cfg.paths)
      (ofKind "target" text.target cfg.targets)
      (ofKind "slice" text.slice cfg.slices)
      (inList "mount" text.mount cfg.mounts)
      (inList "automount" text.automount cfg.automounts)
    ];

    systemd.timers = lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) scheduled;

    assertions = map (name: {
      assertion = !(cfg.units ? ${name}) || !cfg.units.${name}.enable;
      message = "systemd.maskedUnits has ${name}, which the configuration also defines and enables.";
    }) cfg.maskedUnits;

    warnings = lib.concatLists (
      lib.mapAttrsToList (
        name: service: oneshotRestart name service ++ reloadTwice name service ++ unorderedNetwork name service
      ) cfg.services
    );

    environment.systemPackages = lib.filter (package: package ? distributionPackage) cfg.packages;

    system-manager.build.systemUnits = links.assemble {
      directory = "/etc/systemd/system";
      kind = "system";
      substitute = true;
      units = lib.mapAttrs checkName cfg.units;
      inherit (pkgs) writeText;
      inherit (cfg) packages;
      inherit (config.system-manager.build) etcFiles;
      masked = cfg.maskedUnits;
    };

    _module.args.utils = names // {
      systemdUtils = {
        lib = names;
        unitOptions = kinds;
      };
      toShellPath = shell: if lib.isDerivation shell then "/run/system-manager/sw${shell.shellPath}" else shell;
    };
  };
}
