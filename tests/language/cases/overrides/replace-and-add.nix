rec { __overrides = {b=2;c=3;}; a=b; b=1;}
