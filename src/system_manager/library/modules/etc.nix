/** Files below /etc. */
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;

  etcFile =
    {
      name,
      config,
      options,
      ...
    }:
    {
      options = {
        enable = mkOption {
          type = types.bool;
          default = true;
          description = "Whether the file is made. Switched off, an entry is as if it were not there.";
        };
        target = mkOption {
          type = types.str;
          default = name;
          defaultText = "the attribute name";
          description = "Path below /etc.";
        };
        text = mkOption {
          type = types.nullOr types.lines;
          default = null;
          description = "Content of the file. It is kept in the store, which everybody on the machine can read, whatever the mode.";
        };
        source = mkOption {
          type = types.path;
          apply =
            source:
            if builtins.isPath source && !lib.hasInfix "*" (toString source) && !builtins.pathExists source then
              throw "environment.etc.\"${name}\".source: path '${toString source}' does not exist, which is given in ${lib.showFiles options.source.places}"
            else
              source;
          description = "File or directory that the target leads to. The last part may have `*`: every match is put into the directory `target`.";
        };
        mode = mkOption {
          type = types.strMatching "symlink|direct-symlink|[0-7]{3,4}";
          default = "symlink";
          example = "0600";
          description = "`symlink` for a link into the store, or the octal mode of a copy.";
        };
        uid = mkOption {
          type = types.int;
          default = 0;
          description = "Owner of a copy, by number.";
        };
        gid = mkOption {
          type = types.int;
          default = 0;
          description = "Group of a copy, by number.";
        };
        user = mkOption {
          type = types.str;
          default = "+${toString config.uid}";
          defaultText = "+<uid>";
          description = "Owner of a copy: a name, or `+` and a number. Wins over `uid`.";
        };
        group = mkOption {
          type = types.str;
          default = "+${toString config.gid}";
          defaultText = "+<gid>";
          description = "Group of a copy: a name, or `+` and a number. Wins over `gid`.";
        };
        recursive = mkOption {
          type = types.bool;
          default = false;
          description = "Whether a directory becomes a directory with an entry for each file below it, so that others can put files beside them, and not one link.";
        };
        replaceExisting = mkOption {
          type = types.bool;
          default = false;
          description = "Whether a file that is already there may be replaced. It is kept, and comes back when this entry goes away.";
        };
      };
      config.source = lib.mkIf (config.text != null) (
        lib.mkDerivedConfig options.text (
          pkgs.writeText (lib.strings.sanitizeDerivationName "etc-${lib.replaceStrings [ "/" ] [ "-" ] name}")
        )
      );
    };

  owner = account: if account == "+0" then "root" else account;

  # One entry of the manifest.
  describe =
    entry: target: source:
    {
      inherit target source;
      inherit (entry) replaceExisting;
    }
    // (
      if entry.mode == "symlink" || entry.mode == "direct-symlink" then
        { kind = "link"; }
      else
        {
          kind = "copy";
          inherit (entry) mode;
          user = owner entry.user;
          group = owner entry.group;
        }
    );

  # A derivation or path becomes its place in the store.
  sourceText = source: if lib.isString source then source else "${source}";

  normalised =
    name: target:
    let
      parts = lib.filter (part: part != "" && part != ".") (lib.splitString "/" target);
    in
    if lib.elem ".." parts || parts == [ ] || lib.match "[^[:cntrl:]]*" target == null then
      throw "environment.etc.${lib.strings.escapeNixString name}.target: ${lib.strings.escapeNixString target} is not a path below /etc"
    else
      "/etc/${lib.concatStringsSep "/" parts}";

  plainText = source: builtins.unsafeDiscardStringContext (toString source);

  copied =
    path: isWanted:
    builtins.path {
      inherit path;
      name = lib.strings.sanitizeDerivationName (baseNameOf (toString path));
      filter = path: _: isWanted path;
    };

  # A file below a directory. Of the configuration's own it is a store path by itself, so that it changes by itself, but a
  # link is one in the directory, with what is wanted of that, since it leads to something beside it.
  entryOf =
    directory: file: type: isWanted:
    if !builtins.isPath directory then
      sourceText (directory + "/${file}")
    else if type == "symlink" then
      "${copied directory isWanted}/${file}"
    else
      copied (directory + "/${file}") (_: true);

  # "dir/*.conf" -> [ { name, path } ] for what is there. The directory is built now if it has to be.
  expand =
    name: source:
    let
      directory = dirOf source;
      top = toString directory;
      present = builtins.readDir directory;
      pattern = lib.replaceStrings [ "\\*" ] [ "[^/]*" ] (lib.escapeRegex (baseNameOf (plainText source)));
      isMatch = file: lib.match pattern file != null && !lib.hasPrefix "." file;
      matches = lib.filter isMatch (lib.attrNames present);
      isWanted = path: dirOf path != top || isMatch (baseNameOf path);
    in
    if lib.hasInfix "*" (plainText directory) then
      throw "environment.etc.\"${name}\".source: only the last part of '${plainText source}' may have a '*'"
    else if matches == [ ] then
      throw "environment.etc.\"${name}\".source: nothing matches '${plainText source}'"
    else
      map (file: {
        name = file;
        path = entryOf directory file present.${file} isWanted;
      }) matches;

  # Every file below a directory, which is built now if it has to be.
  below =
    entry: target:
    let
      inside =
        prefix: directory:
        lib.concatLists (
          lib.mapAttrsToList (
            name: type:
            let
              file = "${prefix}${name}";
            in
            if type == "directory" then
              inside "${file}/" (directory + "/${name}")
            else
              [ (describe entry "${target}/${file}" (entryOf entry.source file type (_: true))) ]
          ) (builtins.readDir directory)
        );
    in
    inside "" entry.source;

  # What has to be built first is not asked.
  isDirectory = source: builtins.isPath source && builtins.readFileType source == "directory";

  filesOf =
    name: entry:
    let
      target = normalised name entry.target;
    in
    if !entry.enable then
      [ ]
    else if lib.hasInfix "*" (plainText entry.source) then
      map (match: describe entry "${target}/${match.name}" match.path) (expand name entry.source)
    else if entry.recursive && builtins.readFileType entry.source != "directory" then
      throw "environment.etc.\"${name}\".recursive: '${plainText entry.source}' is not a directory"
    else if entry.recursive then
      below entry target
    else if entry.mode != "symlink" && entry.mode != "direct-symlink" && isDirectory entry.source then
      throw "environment.etc.\"${name}\".mode: '${plainText entry.source}' is a directory, and only files can be copied. With recursive = true, every file below it is."
    else
      [
        (describe entry target (
          builtins.addErrorContext "while copying the source of environment.etc.\"${name}\" to the store:" (
            sourceText entry.source
          )
        ))
      ];
in
{
  options = {
    environment.etc = mkOption {
      type = types.attrsOf (types.submodule etcFile);
      default = { };
      example = lib.literalExpression ''{ "motd".text = "Welcome"; "app/key" = { source = ./key; mode = "0600"; user = "app"; }; }'';
      description = "Files below /etc.";
    };
    system-manager.build.etcFiles = mkOption {
      type = types.raw;
      internal = true;
      readOnly = true;
      description = "The files of environment.etc as entries of the manifest.";
    };
  };

  config.system-manager.build.etcFiles = lib.concatLists (lib.mapAttrsToList filesOf config.environment.etc);
}
