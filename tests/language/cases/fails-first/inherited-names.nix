let set11 = { bread11 = throw "bread11"; apple11 = throw "apple11"; }; in { inherit (set11) apple11 bread11; }
