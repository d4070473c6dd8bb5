{ lib, ... }:
{
  environment.variables = {
    APOSTROPHE = "it's";
    BACKTICK = "`x` $HOME \"quoted\" \\ back";
    EMPTY = "";
    LIST = [ "/a" 1 ];
    NOTHING = null;
    NUMBER = 7;
    EDITOR = lib.mkDefault "nano";
  };
  environment.sessionVariables.EDITOR = "vim";
  environment.extraInit = "umask 027";
}
