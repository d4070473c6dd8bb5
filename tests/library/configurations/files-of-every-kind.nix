{ pkgs, ... }:
{
  environment.etc = {
    "plain".text = "content\n";
    "with spaces".text = "x";
    "elsewhere".source = "/run/secrets/x";
    "nested/deep/file".source = pkgs.writeText "file" "x";
    "renamed" = { target = "./somewhere//else"; text = "x"; };
    "direct" = { mode = "direct-symlink"; text = "x"; };
    "copy" = { mode = "0600"; text = "x"; };
    "owned" = { mode = "640"; text = "x"; user = "www-data"; gid = 33; };
    "numbered" = { mode = "0440"; text = "x"; uid = 5; group = "adm"; };
    "replaced" = { text = "x"; replaceExisting = true; };
    "gone" = { enable = false; text = "x"; };
    "all" = { source = ./site; recursive = true; };
    "all-copied" = { source = ./site; recursive = true; mode = "0640"; };
    "many".source = ./. + "/a-*-for-a-*.nix";
    "generated.json".source = (pkgs.formats.json { }).generate "generated.json" { a = [ 1 ]; };
  };
}
