let seen = builtins.path { path = ../files/tree; name = "t"; filter = path: type: builtins.elem type [ "regular" "directory" "symlink" ] && builtins.substring 0 1 path == "/"; }; in seen
