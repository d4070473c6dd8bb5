{
  environment.shellAliases = { ll = "ls -l"; say = "echo 'it''s'"; gone = null; };
  environment.interactiveShellInit = "stty -ixon";
  environment.loginShellInit = "umask 027";
  environment.homeBinInPath = true;
  environment.localBinInPath = true;
  programs.bash = { shellAliases.".." = "cd .."; promptInit = "PS1='\\w> '"; interactiveShellInit = "shopt -s globstar"; };
  programs.git = {
    enable = true;
    config = [ { init.defaultBranch = "main"; } { url."git@example.org:".insteadOf = [ "x:" "y:" ]; } ];
  };
  programs.tmux = { enable = true; keyMode = "vi"; extraConfig = "set -g mouse on"; };
  programs.nano = { nanorc = "set tabstospaces"; };
  programs.vim = { enable = true; defaultEditor = true; };
  services.cron = { enable = true; mailto = "root"; systemCronJobs = [ "0 4 * * * root true" ]; };
}
