/**
  Options of NixOS for what stays the distribution's: kernel, boot loader, file systems, devices, network, desktop,
  locale. Modules may set them; what was set is listed and otherwise has no effect.
*/
{
  config,
  lib,
  options,
  ...
}:

let
  inherit (builtins) tryEval;
  inherit (lib) mkOption types;

  isTree = value: lib.isAttrs value && !lib.isDerivation value && !(value ? _type) && !lib.isFunction value;

  # Definitions need not agree, since nothing follows from them: the last one counts.
  anyTree = lib.mkOptionType {
    name = "anything";
    description = "anything";
    descriptionClass = "noun";
    merge =
      path: definitions:
      if lib.all (definition: isTree definition.value) definitions then
        (types.lazyAttrsOf anyTree).merge path definitions
      else
        (lib.last definitions).value;
  };

  kindOf = value: if isTree value then (if value == { } then "leaf" else "tree") else value._type or "leaf";

  # Paths of the leaves. What cannot be evaluated here (a kernel package, say) is a leaf.
  leaves =
    path: value:
    let
      looked = tryEval (kindOf value);
      kind = if looked.success then looked.value else "leaf";
    in
    if kind == "tree" then
      lib.concatLists (lib.mapAttrsToList (name: leaves (path ++ [ name ])) value)
    else if kind == "if" then
      lib.optionals value.condition (leaves path value.content)
    else if kind == "override" || kind == "order" then
      leaves path value.content
    else if kind == "merge" then
      lib.concatMap (leaves path) value.contents
    else
      [ (lib.showOption path) ];

  # A namespace that belongs to the distribution, except for options declared elsewhere.
  namespace = subject: declared: mkOption {
    default = { };
    description = "${subject}, left to the distribution.";
    type = types.submodule {
      freeformType = anyTree;
      options = declared;
    };
  };

  readable = type: default: mkOption {
    inherit type default;
    description = "Has no effect; modules may read it.";
  };

  namespaces = {
    boot = namespace "Kernel and boot loader" {
      isContainer = readable types.bool false;
    };
    console = namespace "The virtual console" { };
    documentation = namespace "Documentation" { };
    fonts = namespace "Fonts" { };
    hardware = namespace "Devices and firmware" {
      enableRedistributableFirmware = readable types.bool false;
    };
    i18n = namespace "Locale" { };
    networking = namespace "The network" {
      enableIPv6 = readable types.bool true;
      domain = readable (types.nullOr types.str) null;
      hostName = mkOption {
        type = types.str;
        description = "Name of the machine. It is not changed; modules that want to know the name read it here.";
      };
      firewall = mkOption {
        default = { };
        description = "The firewall, left to the distribution.";
        type = types.submodule {
          freeformType = anyTree;
          options.enable = readable types.bool false;
        };
      };
    };
    nix = namespace "Nix itself" { };
    powerManagement = namespace "Power management" { };
    security = namespace "Login, privileges and certificates" {
      acme = mkOption {
        default = { };
        description = "Certificates that are fetched, which is not done here.";
        type = types.submodule {
          freeformType = anyTree;
          options.certs = readable (types.lazyAttrsOf types.raw) { };
        };
      };
    };
    time = namespace "Time zone and clock" { };
    appstream = namespace "Catalogues of applications" { };
    gtk = namespace "A toolkit of desktops" { };
    location = namespace "Where the machine is" { };
    qt = namespace "A toolkit of desktops" { };
    sound = namespace "Sound" { };
    virtualisation = namespace "Containers and virtual machines" { };
    xdg = namespace "Standards of desktops" { };
    zramSwap = namespace "Compressed swap" { };
    fileSystems = mkOption {
      type = anyTree;
      default = { };
      description = "File systems, left to the distribution.";
    };
    swapDevices = mkOption {
      type = types.listOf types.raw;
      default = [ ];
      description = "Swap, left to the distribution.";
    };
  };

  # Services of the screen, of devices and of power, which come with the distribution's desktop or not at all.
  desktopServices = lib.genAttrs [
    "acpid"
    "avahi"
    "blueman"
    "colord"
    "desktopManager"
    "displayManager"
    "flatpak"
    "fwupd"
    "geoclue2"
    "gnome"
    "gvfs"
    "libinput"
    "pipewire"
    "power-profiles-daemon"
    "printing"
    "pulseaudio"
    "thermald"
    "tlp"
    "udisks2"
    "upower"
    "xserver"
  ] (name: namespace "The service ${name}" { });

  systemOptions = {
    stateVersion = readable types.str lib.trivial.release;
    copySystemConfiguration = readable types.bool false;
    activationScripts = mkOption {
      type = anyTree;
      default = { };
      description = "Activation scripts of NixOS, which are not run. A oneshot unit wanted by multi-user.target does the same work.";
    };
    userActivationScripts = mkOption {
      type = anyTree;
      default = { };
      description = "Activation scripts of NixOS for users, which are not run.";
    };
  };

  # Parts of namespaces that other modules are about.
  others =
    lib.mapAttrsRecursiveCond (value: value != { }) (
      path: default:
      mkOption {
        type = anyTree;
        inherit default;
        description = "${lib.showOption path}, left to the distribution.";
      }
    ) {
      environment = {
        binsh = null;
        enableAllTerminfo = false;
        memoryAllocator = { };
        profiles = [ ];
        stub-ld = { };
        unixODBCDrivers = [ ];
        wordlist = { };
      };
      power = { };
      services = {
        dbus = { };
        getty = { };
        resolved.enable = false;
        timesyncd.enable = false;
        udev = { };
      };
      system = {
        configurationRevision = null;
        extraDependencies = [ ];
        name = null;
        nixos = { };
        switch = { };
        tools = { };
      };
      systemd = {
        additionalUpstreamSystemUnits = [ ];
        coredump.enable = false;
        ctrlAltDelUnit = null;
        defaultUnit = null;
        enableEmergencyMode = false;
        network = { };
        oomd = { };
        repart = { };
        suppressedSystemUnits = [ ];
        sysusers = { };
        watchdog = { };
      };
    };
  otherPaths = lib.mapAttrsToListRecursiveCond (_: value: !lib.isOption value) (path: _: path) others;

  # The defaults of the options above are nobody's wish.
  definedIn =
    path: option:
    let
      given = lib.filter (
        definition: !(lib.isAttrs definition.value && definition.value == { }) && definition.value != [ ]
      ) option.definitionsWithLocations;
      trees = lib.filter (definition: isTree definition.value) given;
    in
    if !option.isDefined || given == [ ] then
      [ ]
    else if trees == [ ] then
      [ (lib.showOption path) ]
    else
      lib.concatMap (definition: leaves path definition.value) trees;

  # Where a default is more than an empty set.
  definedByModule =
    path: option:
    lib.optionals (option.highestPrio < (lib.mkOptionDefault null).priority) (definedIn path option);

  carriedOut = [
    "boot.blacklistedKernelModules"
    "boot.extraModprobeConfig"
    "boot.kernel.sysctl"
    "boot.kernelModules"
    "boot.tmp.cleanOnBoot"
    "i18n.defaultLocale"
    "i18n.extraLocaleSettings"
    "networking.extraHosts"
    "networking.hosts"
    "nix.enable"
    "security.initialRootPassword"
    "security.pam.loginLimits"
    "security.pki.certificateFiles"
    "security.pki.certificates"
    "security.sudo.enable"
    "security.wrapperDirSize"
    "security.wrappers"
    "time.timeZone"
  ]
  ++ lib.optional config.security.sudo.enable "security.sudo"
  ++ lib.optionals config.nix.enable [
    "nix.extraOptions"
    "nix.settings"
  ]
  ++ map (path: lib.showOption [ "fileSystems" path ]) config.system-manager.mounted;
  isCarriedOut = name: lib.any (prefix: name == prefix || lib.hasPrefix "${prefix}." name) carriedOut;

  collected = lib.concatLists (
    lib.mapAttrsToList (name: _: definedIn [ name ] options.${name}) namespaces
    ++ lib.mapAttrsToList (name: _: definedIn [ "services" name ] options.services.${name}) desktopServices
    ++ [ (definedIn [ "environment" "shells" ] options.environment.shells) ]
    ++ map (path: definedByModule path (lib.getAttrFromPath path options)) otherPaths
    ++ map (name: definedIn [ "system" name ] options.system.${name}) [
      "activationScripts"
      "userActivationScripts"
    ]
  );
in
{
  options = lib.recursiveUpdateUntil (_: _: lib.isOption) others (namespaces // {
    system = systemOptions;
    services = desktopServices;
    environment.shells = mkOption {
      type = types.listOf (types.either types.package types.path);
      default = [ ];
      description = "Shells in /etc/shells, where the distribution's packages enter themselves.";
    };
    lib = mkOption {
      type = types.attrsOf (types.lazyAttrsOf types.raw);
      default = { };
      description = "Functions that modules share.";
    };
    system-manager.leftToDistribution = mkOption {
      type = types.listOf types.str;
      internal = true;
      default = [ ];
      apply = names: lib.filter (name: !isCarriedOut name) (lib.naturalSort (lib.unique names));
      description = "Options that were set and have no effect here.";
    };
  });

  config.system-manager.leftToDistribution = collected;
}
