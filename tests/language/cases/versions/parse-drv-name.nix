map builtins.parseDrvName [ "nix-0.12pre12876" "hello" "a-b-1" "x-" "foo-2.3-bar" "foo-1a-2" ]
