/** Programs for everybody with what NixOS lets one set, and services that only need a file: no more than that. */
[
  ./editors.nix
  ./git.nix
  ./tmux.nix
  ./plain.nix
]
