{ config, lib, ... }: { imports = lib.optional config.services.nginx.enable { }; }
