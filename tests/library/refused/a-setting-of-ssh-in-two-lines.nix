{ services.openssh = { enable = true; package = null; settings.Banner = "one\ntwo"; }; }
