let x = "v"; in [ /a/${x} /a/${x}/b /a/b${x}c/${x}.nix (/. + "/${x}") ]
