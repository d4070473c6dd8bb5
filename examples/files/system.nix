# Files below /etc.
{ pkgs, ... }:

{
  environment.etc = {
    # A link into the store.
    "greeting".text = "Hello.\n";

    # The same from a file beside this one.
    "app/settings.ini".source = ./settings.ini;

    # A copy, for programs that want a file of their own or of a certain owner. The content of `text` can be read by
    # everybody in the store, whatever the mode; put real secrets on the machine by other means.
    "app/local.conf" = {
      text = "level = 3\n";
      mode = "0640";
      user = "root";
      group = "adm";
    };

    # A directory as one link.
    "app/themes".source = ./themes;

    # Every match of a pattern, linked into the directory.
    "app/enabled".source = ./themes + "/*.css";

    # A generated file, in place of one that may be there; that one comes back when this entry goes away.
    "issue.net" = {
      source = (pkgs.formats.keyValue { }).generate "issue.net" { managed = "yes"; };
      replaceExisting = true;
    };
  };
}
