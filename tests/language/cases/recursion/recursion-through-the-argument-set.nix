let f = args@{ n, ... }: if n == 0 then args.result else f (args // { n = n - 1; result = args.result + n; }); in f { n = 4; result = 0; }
