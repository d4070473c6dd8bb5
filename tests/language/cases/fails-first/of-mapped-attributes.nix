let apple17 = 1; in builtins.mapAttrs (name: throw) { bread17 = "bread17"; apple17 = "apple17"; }
