# A machine for the tests: Debian 12 with a handful of packages. Hashes are those of the names.
let
  package = name: version: {
    inherit name version;
    architecture = "amd64";
    sha256 = builtins.hashString "sha256" name;
    size = 1000;
    fileName = "pool/main/${name}.deb";
  };
in
{
  id = "debian";
  versionId = "12";
  system = "x86_64-linux";
  packages = builtins.mapAttrs package {
    bash = "5.2.15-2+b7";
    bat = "0.22.1-4";
    coreutils = "9.1-1";
    cron = "3.0pl1-162";
    curl = "7.88.1-10+deb12u5";
    fd-find = "8.6.0-3";
    git = "1:2.39.5-0+deb12u2";
    nginx = "1.22.1-9+deb12u3";
    redis-server = "5:7.0.15-1~deb12u1";
    ripgrep = "13.0.0-4+b2";
    systemd = "252.22-1~deb12u1";
    tmux = "3.3a-3";
    tree = "2.1.0-1";
    vim = "2:9.0.1378-2+deb12u2";
    zstd = "1.5.4+dfsg2-5";
  };
}
