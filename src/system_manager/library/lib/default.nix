/**
  The library that modules are written with: names and behaviour of nixpkgs' `lib`.

  Every sub-library is a file that is loaded when something of it is used; the names at the top
  are lent from them. `lib.extend` adds or replaces attributes.
*/
let
  library =
    self:
    let
      load = file: import file { lib = self; };
    in
    {
      asserts = load ./asserts.nix;
      attrsets = load ./attrsets.nix;
      cli = load ./cli.nix;
      customisation = load ./customisation.nix;
      debug = load ./debug.nix;
      derivations = load ./derivations.nix;
      fetchers = load ./fetchers.nix;
      fileset = load ./fileset.nix;
      filesystem = load ./filesystem.nix;
      fixedPoints = load ./fixed-points.nix;
      generators = load ./generators.nix;
      licenses = load ./licenses.nix;
      lists = load ./lists.nix;
      maintainers = { };
      meta = load ./meta.nix;
      modules = load ./modules;
      options = load ./options.nix;
      path = load ./path.nix;
      platforms = self.systems.doubles;
      sources = load ./sources.nix;
      strings = load ./strings.nix;
      stringsWithDeps = load ./strings-with-deps.nix;
      systems = load ./systems.nix;
      teams = { };
      trivial = load ./trivial.nix;
      types = load ./types;
      versions = load ./versions.nix;

      inherit (builtins)
        add addErrorContext all any attrNames attrValues baseNameOf catAttrs ceil compareVersions
        concatLists concatMap concatStringsSep deepSeq dirOf elem elemAt filter floor fromJSON fromTOML
        genList genericClosure getAttr getContext hasAttr hasContext hashFile hashString head intersectAttrs
        isAttrs isBool isFloat isInt isList isPath isString length lessThan listToAttrs map mapAttrs match
        parseDrvName partition pathExists placeholder readDir readFile readFileType removeAttrs replaceStrings
        seq sort split splitVersion stringLength sub substring tail toFile toJSON toString toXML trace tryEval
        typeOf unsafeDiscardStringContext unsafeGetAttrPos zipAttrsWith bitAnd bitOr bitXor div
        appendContext filterSource convertHash
        ;
      inherit (builtins) foldl';

      inherit (self.trivial)
        and bitNot boolToString boolToYesNo checkListOfEnum compare concat const defaultTo flip fromHexString
        functionArgs id importJSON importTOML inNixShell inPureEvalMode info isFunction isInOldestRelease
        mapNullable max mergeAttrs min mirrorFunctionArgs mod mul nixpkgsVersion
        oldestSupportedReleaseIsAtLeast pipe setFunctionArgs showWarnings splitByAndCompare throwIf throwIfNot
        toBaseDigits toFunction toHexString version warn warnIf warnIfNot xor
        ;
      inherit (self.trivial) "or";

      inherit (self.fixedPoints)
        composeExtensions composeManyExtensions converge extends fix fix' makeExtensible
        makeExtensibleWithCustomName toExtension
        ;

      inherit (self.attrsets)
        attrByPath attrVals attrsToList cartesianProduct chooseDevOutputs collect concatMapAttrs
        dontRecurseIntoAttrs filterAttrs filterAttrsRecursive foldAttrs foldlAttrs genAttrs genAttrs'
        getAttrFromPath getAttrs getBin getDev getFirstOutput getInclude getLib getMan getOutput getStatic
        hasAttrByPath isDerivation mapAttrs' mapAttrsRecursive mapAttrsRecursiveCond mapAttrsToList
        mapAttrsToListRecursive mapAttrsToListRecursiveCond mapCartesianProduct matchAttrs mergeAttrsList
        nameValuePair optionalAttrs overrideExisting recurseIntoAttrs recursiveUpdate recursiveUpdateUntil
        setAttrByPath showAttrPath toDerivation updateManyAttrsByPath zipAttrs zipAttrsWithNames
        ;

      inherit (self.lists)
        allUnique compareLists concatAttrValues count crossLists drop dropEnd findFirst findSingle flatten fold
        foldl foldr forEach groupBy groupBy' ifilter0 imap0 imap1 init intersectLists last listDfs
        mutuallyExclusive naturalSort optional optionals range remove replaceElemAt replicate reverseList
        singleton sortOn sublist subtractLists take takeEnd toList toposort unique uniqueStrings zipLists
        zipListsWith
        ;

      inherit (self.strings)
        addContextFrom cmakeBool cmakeFeature cmakeOptionType concatImapStrings concatImapStringsSep concatLines
        concatMapAttrsStringSep concatMapStrings concatMapStringsSep concatStrings enableFeature enableFeatureAs
        escape escapeRegex escapeShellArg escapeShellArgs escapeURL escapeXML fileContents fixedWidthNumber
        fixedWidthString getName getVersion hasInfix hasPrefix hasSuffix intersperse isStorePath isStringLike
        isValidPosixName join lowerChars makeBinPath makeIncludePath makeLibraryPath makeSearchPath
        makeSearchPathOutput mesonBool mesonEnable mesonOption nameFromURL optionalString removePrefix
        removeSuffix replaceString splitString splitStringBy stringAsChars stringToCharacters toCamelCase toInt
        toIntBase10 toLower toSentenceCase toShellVar toShellVars toUpper trim trimWith upperChars
        versionAtLeast versionOlder withFeature withFeatureAs
        ;

      inherit (self.stringsWithDeps)
        fullDepEntry noDepEntry packEntry stringAfter textClosureList textClosureMap
        ;

      inherit (self.customisation)
        callPackageWith callPackagesWith extendDerivation hydraJob makeOverridable makeScope overrideDerivation
        ;

      inherit (self.derivations)
        addDrvOutputDependencies lazyDerivation optionalDrvAttr unsafeDiscardOutputDependency warnOnInstantiate
        ;

      inherit (self.generators) mkLuaInline;

      inherit (self.meta)
        addMetaAttrs appendToName dontDistribute getExe getExe' getLicenseFromSpdxId getLicenseFromSpdxIdOr
        hiPrio hiPrioSet licensesSpdx lowPrio lowPrioSet mapDerivationAttrset setName setPrio updateName
        ;

      inherit (self.filesystem)
        packagesFromDirectoryRecursive pathIsDirectory pathIsRegularFile pathType
        ;

      inherit (self.sources)
        canCleanSource cleanSource cleanSourceFilter cleanSourceWith pathHasContext revOrTag sourceByRegex
        sourceFilesBySuffices
        ;

      inherit (self.fetchers) fakeHash fakeSha256 fakeSha512;

      inherit (self.modules)
        applyModuleArgsIfFunction dischargeProperties doRename evalModules evalOptionValue filterOverrides
        fixMergeModules fixupOptionType mergeDefinitions mergeModules mergeModules' mergeOptionDecls mkAfter
        mkAliasAndWrapDefinitions mkAliasDefinitions mkAliasOptionModule mkAliasOptionModuleMD mkAssert mkBefore
        mkChangedOptionModule mkDefault mkDefinition mkDerivedConfig mkFixStrictness mkForce mkIf
        mkImageMediaOverride mkMerge mkMergedOptionModule mkOptionDefault mkOrder mkOverride
        mkRemovedOptionModule mkRenamedOptionModule mkRenamedOptionModuleWith mkVMOverride
        pushDownProperties setDefaultModuleLocation sortProperties unifyModuleSyntax
        ;

      inherit (self.options)
        getFiles getValues isOption literalExpression literalMD mergeDefaultOption mergeEqualOption
        mergeOneOption mergeUniqueOption mkEnableOption mkOption mkPackageOption mkSinkUndeclaredOptions
        optionAttrSetToDocList optionAttrSetToDocList' scrubOptionValue showFiles showOption
        showOptionWithDefLocs unknownModule
        ;

      inherit (self.types)
        defaultFunctor defaultTypeMerge isOptionType isType mkOptionType setType
        ;

      inherit (self.asserts) assertMsg assertOneOf;

      inherit (self.debug)
        runTests testAllTrue traceFnSeqN traceIf traceSeq traceSeqN traceVal traceValFn traceValSeq
        traceValSeqFn traceValSeqN traceValSeqNFn
        ;
    };

  extensible =
    layers:
    let
      self = layers self // {
        extend =
          layer:
          extensible (
            final:
            let
              prev = layers final;
            in
            prev // layer final prev
          );
      };
    in
    self;
in
extensible library
