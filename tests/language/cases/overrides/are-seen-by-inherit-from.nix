rec { __overrides = {b=2;}; inherit (x) q; x={q=b;}; b=1;}
