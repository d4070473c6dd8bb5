{ fileSystems.data = { device = "/dev/sda2"; }; }
