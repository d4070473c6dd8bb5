/** Files with a given text. Small texts become store paths without a process being started. */
{ lib, pkgs, ... }:

let
  inherit (builtins) concatStringsSep head isAttrs match;

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      # Path inside the output; empty if the output is the file itself.
      destination ? "",
      # Shell commands that have to succeed; "$target" is the file.
      checkPhase ? "",
      meta ? { },
      ...
    }:
    let
      attributes = {
        inherit name text destination;
        executable = if executable then "1" else "";
      };
      plain = derivation (
        attributes
        // {
          system = "builtin";
          builder = "builtin:write-text";
          preferLocalBuild = true;
        }
      );
      checked = pkgs.runCommand name { inherit text destination; passAsFile = [ "text" ]; } ''
        target=$out$destination
        mkdir -p "$(dirname "$target")"
        cat "$textPath" > "$target"
        ${lib.optionalString executable ''chmod +x "$target"''}
        ${checkPhase}
      '';
      program = match "/bin/([^/]+)" destination;
    in
    (if checkPhase == "" then plain else checked)
    // {
      meta = lib.optionalAttrs (executable && program != null) { mainProgram = head program; } // meta;
    };

  writeScript =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
    };

  # A program in `bin` of its own output.
  program =
    name: text:
    writeTextFile {
      inherit name text;
      executable = true;
      destination = "/bin/${name}";
    };

  withShell = text: "#!${pkgs.runtimeShell}\n${text}\n";

  # [files] -> their contents one after another
  concatTextFile =
    {
      name,
      files,
      executable ? false,
      destination ? "",
      ...
    }:
    pkgs.runCommand name { inherit destination; files = map toString files; } ''
      target=$out$destination
      mkdir -p "$(dirname "$target")"
      cat $files > "$target"
      ${lib.optionalString executable ''chmod +x "$target"''}
    '';
  # What is left between two "@", and looks like a name.
  unreplaced = text: lib.unique (map head (lib.filter lib.isList (builtins.split "@([a-zA-Z_][0-9A-Za-z_'-]*)@" text)));

  replaceVarsWith =
    {
      src,
      replacements,
      name ? baseNameOf (builtins.unsafeDiscardStringContext (toString src)),
      isExecutable ? false,
      dir ? null,
      meta ? { },
      ...
    }:
    let
      text = builtins.readFile src;
      left = lib.attrNames (lib.filterAttrs (_: value: value == null) replacements);
      given = lib.mapAttrs (_: toString) (removeAttrs replacements left);
      names = lib.attrNames given;
      unused = lib.filter (name: !lib.hasInfix "@${name}@" text) (names ++ left);
      replaced = lib.replaceStrings (map (name: "@${name}@") names) (lib.attrValues given) text;
      missing = lib.subtractLists left (unreplaced replaced);
    in
    if unused != [ ] then
      throw "replaceVars: there is no @${head unused}@ in ${toString src}"
    else if missing != [ ] then
      throw "replaceVars: nothing is given for @${head missing}@ in ${toString src}; null leaves it as it is"
    else
      writeTextFile {
        inherit name meta;
        text = replaced;
        executable = isExecutable;
        destination = lib.optionalString (dir != null) "/${dir}/${name}";
      };
in
{
  inherit concatTextFile replaceVarsWith writeScript writeTextFile;

  # A file with @name@ replaced by the values; each has to be there, and none may be left.
  replaceVars = src: replacements: replaceVarsWith { inherit src replacements; };

  # Accepts a name, or { name, … } as writeTextFile does.
  writeText =
    name: text:
    writeTextFile ((if isAttrs name then name else { inherit name; }) // { inherit text; });
  writeTextDir =
    path: text:
    writeTextFile {
      name = baseNameOf path;
      inherit text;
      destination = "/${path}";
    };

  writeScriptBin = program;
  writeShellScript = name: text: writeScript name (withShell text);
  writeShellScriptBin = name: text: program name (withShell text);

  # A program that stops at the first failure and finds its tools by itself.
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? { },
      inheritPath ? true,
      bashOptions ? [
        "errexit"
        "nounset"
        "pipefail"
      ],
      checkPhase ? null,
      meta ? { },
      ...
    }:
    writeTextFile {
      inherit name meta;
      executable = true;
      destination = "/bin/${name}";
      checkPhase = if checkPhase == null then ''${pkgs.runtimeShell} -n "$target"'' else checkPhase;
      text = concatStringsSep "\n" (
        [ "#!${pkgs.runtimeShell}" ]
        ++ map (option: "set -o ${option}") bashOptions
        ++ lib.mapAttrsToList (variable: value: "${lib.toShellVar variable value}\nexport ${variable}") runtimeEnv
        ++ lib.optional (runtimeInputs != [ ]) ''export PATH="${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}"''
        ++ [
          ""
          text
          ""
        ]
      );
    };

  concatText = name: files: concatTextFile { inherit name files; };
}
