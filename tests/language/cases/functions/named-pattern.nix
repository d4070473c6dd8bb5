[ ((args@{ a, ... }: args) { a = 1; b = 2; }) (({ a, ... }@args: args.b) { a = 1; b = 2; }) ((all@{ ... }: all) { x = 1; }) ]
