/** The module system. How it is built: collect.nix, then merge.nix, joined in evaluate.nix. */
{ lib }:

let
  collect = import ./collect.nix { inherit lib; };
  evaluate = import ./evaluate.nix { inherit lib; };
  merge = import ./merge.nix { inherit lib; };
  rename = import ./rename.nix { inherit lib; };
in
import ./properties.nix { inherit lib; }
// {
  inherit (collect) applyModuleArgsIfFunction setDefaultModuleLocation unifyModuleSyntax;
  collectModules = collect.collectModules null;

  inherit (evaluate) evalModules;
  fixMergeModules =
    modules: args:
    lib.evalModules {
      inherit modules args;
      check = false;
    };

  inherit (merge)
    evalOptionValue
    fixupOptionType
    mergeAttrDefinitionsWithPrio
    mergeDefinitions
    mergeModules
    mergeModules'
    mergeOptionDecls
    ;

  inherit (rename)
    doRename
    importApply
    importJSON
    importTOML
    mkAliasOptionModule
    mkChangedOptionModule
    mkMergedOptionModule
    mkRemovedOptionModule
    mkRenamedOptionModule
    mkRenamedOptionModuleWith
    ;
  mkAliasOptionModuleMD = rename.mkAliasOptionModule;
}
