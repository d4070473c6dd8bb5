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
      checked = pkgs.runCommand name { inherit text destination; } ''
        target=$out$destination
        mkdir -p "$(dirname "$target")"
        printf %s "$text" > "$target"
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
in
{
  inherit concatTextFile writeScript writeTextFile;

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
      checkPhase = if checkPhase == null then "" else checkPhase;
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
