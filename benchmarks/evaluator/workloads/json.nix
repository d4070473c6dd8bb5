# JSON, there and back.
let
  inherit (builtins) fromJSON genList hashString toJSON;
  record = n: {
    id = n;
    name = "record ${toString n}";
    tags = [ "a" "b\"quoted\"" "tab\t" ];
    nested = { ratio = n / 4.0; flags = { on = true; off = false; none = null; }; };
  };
  text = toJSON (genList record 4000);
in
hashString "sha256" (toJSON (map (r: r // { id = r.id + 1; }) (fromJSON text)))
