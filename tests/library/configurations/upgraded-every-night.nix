{
  system.autoUpgrade = {
    enable = true;
    file = "/srv/my site/system.nix";
    dates = "Mon 03:00";
    randomizedDelaySec = "45min";
    flags = [ "--unit-timeout" "60" ];
    allowReboot = true;
  };
  nix = {
    enable = true;
    settings = {
      experimental-features = [ "nix-command" "flakes" ];
      max-jobs = 4;
      sandbox = true;
      substituters = null;
      plugin-files = [ ];
    };
    extraOptions = "!include /etc/nix/local.conf";
    gc.automatic = true;
  };
}
