rec { inherit (builtins) length; x = length [1 2]; }.x
