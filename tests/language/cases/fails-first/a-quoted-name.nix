builtins.seq "apple07" { "bread07" = throw "bread07"; "apple07" = throw "apple07"; }
