/** Option types: which values an option takes and how several definitions become one value. */
{ lib }:

let
  foundation = import ./foundation.nix { inherit lib; };
in
removeAttrs foundation [ "elementFunctor" ]
// import ./scalars.nix { inherit lib foundation; }
// import ./containers.nix { inherit lib foundation; }
// import ./modules.nix { inherit lib foundation; }
// {
  types = lib.types;
}
