/**
  How the packages of a distribution are called, by the program of its package manager:
  { renamed, mainPrograms, elsewhere, kernels, refresh }.

    renamed       nixpkgs' name -> the distribution's, or { package, programs = { name in nixpkgs = name here; }; },
                  or a list of names that its versions have, the newest first
    mainPrograms  the distribution's package -> its main program, where that has another name
    elsewhere     names of nixpkgs that some distribution spells differently: without an entry in `renamed` this one
                  has the package under the same name, or not at all
    refresh       the command that fetches the package lists
*/
manager:

let
  tables = {
    apt-get = import ./debian.nix // { refresh = "apt update"; };
    dnf = import ./fedora.nix // { refresh = "dnf makecache --refresh"; };
    zypper = import ./suse.nix // { refresh = "zypper refresh"; };
    pacman = import ./arch.nix // { refresh = "pacman -Sy"; };
  };
in
(tables.${manager} or tables.apt-get)
// {
  elsewhere = builtins.foldl' (names: table: names // table.renamed) { } (builtins.attrValues tables);

  # What NixOS configurations say of the kernel. It is evaluated only if something else than the list of what is
  # left to the distribution wants it.
  kernels = [
    "linux"
    "linuxKernel"
    "linuxPackages"
    "linuxPackages_hardened"
    "linuxPackages_latest"
    "linuxPackages_lqx"
    "linuxPackages_rpi4"
    "linuxPackages_testing"
    "linuxPackages_xanmod"
    "linuxPackages_xanmod_latest"
    "linuxPackages_zen"
    "linux_latest"
  ];
}
