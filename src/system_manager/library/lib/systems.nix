/** Linux platforms by their two-part name, such as "x86_64-linux". */
{ lib }:

let
  inherit (builtins) elemAt isAttrs match;

  # name of the architecture -> bits, kernel family and what else programs ask for
  architectures = {
    x86_64 = { bits = 64; family = "x86"; };
    i686 = { bits = 32; family = "x86"; };
    aarch64 = { bits = 64; family = "arm"; };
    armv7l = { bits = 32; family = "arm"; };
    armv6l = { bits = 32; family = "arm"; };
    riscv64 = { bits = 64; family = "riscv"; };
    powerpc64le = { bits = 64; family = "power"; };
    s390x = { bits = 64; family = "s390"; };
  };

  abiOf = name: if name == "armv7l" || name == "armv6l" then "gnueabihf" else "gnu";

  elaborate =
    given:
    let
      system = if isAttrs given then given.system else given;
      parts = match "([a-z0-9_]+)-(linux)" system;
      name = elemAt parts 0;
      architecture = architectures.${name};
      is = wanted: architecture.family == wanted;
    in
    if isAttrs given && given ? parsed then
      given
    else if parts == null || !(architectures ? ${name}) then
      throw "lib.systems.elaborate: \"${system}\" is not one of ${
        lib.concatMapStringsSep ", " (known: "${known}-linux") (builtins.attrNames architectures)
      }"
    else
      {
        inherit system;
        config = "${name}-unknown-linux-${abiOf name}";
        parsed = {
          cpu = { inherit name; inherit (architecture) bits family; };
          kernel.name = "linux";
          vendor.name = "unknown";
          abi.name = abiOf name;
        };
        linuxArch =
          if name == "aarch64" then
            "arm64"
          else if is "arm" then
            "arm"
          else if is "riscv" then
            "riscv"
          else if is "power" then
            "powerpc"
          else if name == "i686" then
            "i386"
          else
            name;
        isLinux = true;
        isUnix = true;
        isGnu = true;
        isDarwin = false;
        isWindows = false;
        isFreeBSD = false;
        isBSD = false;
        isMusl = false;
        isStatic = false;
        is64bit = architecture.bits == 64;
        is32bit = architecture.bits == 32;
        isLittleEndian = name != "s390x";
        isBigEndian = name == "s390x";
        isx86 = is "x86";
        isx86_64 = name == "x86_64";
        isx86_32 = name == "i686";
        isi686 = name == "i686";
        isAarch = is "arm";
        isAarch32 = is "arm" && architecture.bits == 32;
        isAarch64 = name == "aarch64";
        isArmv7 = name == "armv7l";
        isRiscV = is "riscv";
        isRiscV64 = name == "riscv64";
        isPower64 = name == "powerpc64le";
        isS390x = name == "s390x";
      };

  linux = map (name: "${name}-linux") (builtins.attrNames architectures);
in
{
  inherit elaborate;
  doubles = {
    inherit linux;
    all = linux;
    unix = linux;
    gnu = linux;
    x86_64 = [ "x86_64-linux" ];
    aarch64 = [ "aarch64-linux" ];
    x86 = [
      "i686-linux"
      "x86_64-linux"
    ];
    darwin = [ ];
    windows = [ ];
    freebsd = [ ];
    none = [ ];
  };
  flakeExposed = [
    "x86_64-linux"
    "aarch64-linux"
    "armv7l-linux"
    "i686-linux"
    "powerpc64le-linux"
    "riscv64-linux"
  ];
  equals = a: b: (elaborate a).config == (elaborate b).config;
}
