{
  services.nginx = {
    enable = true;
    recommendedOptimisation = true;
    virtualHosts."example.org" = {
      default = true;
      root = "/var/www";
      serverAliases = [ "www.example.org" ];
      extraConfig = "autoindex on;\nerror_page 404 /404.html;";
      locations = {
        "/" = { index = "index.html"; tryFiles = "$uri =404"; };
        "/files/".alias = "/srv/files/";
        "= /health".return = "200 ok";
        "~ \\.php$" = { priority = 500; extraConfig = "deny all;"; };
      };
    };
  };
}
