builtins.split "," ",,a,"
