/**
  Authorities that the machine trusts, besides those of the distribution.

  The distribution's own program makes its bundles of them, so that every program that reads these trusts them. When
  the unit stops for good it takes them out again; stopping the machine leaves them.
*/
{
  config,
  lib,
  pkgs,
  ...
}:

let
  inherit (lib) mkOption types;
  cfg = config.security.pki;

  isCertificate = lib.hasInfix "-----BEGIN CERTIFICATE-----";
  # Of a file that is yet to be built nothing is known here.
  isReadable = file: !builtins.hasContext (toString file);

  files =
    cfg.certificateFiles
    ++ lib.imap1 (number: pkgs.writeText "certificate-${toString number}.pem") cfg.certificates;

  brings = package: lib.hasPrefix "ca-certificates" (package.distributionPackage.name or "");

  # One certificate to a file is all that Debian's program takes. What it has linked it only takes away when it makes
  # all links anew.
  script = pkgs.writeShellScript "trust-certificates" ''
    set -eu -o pipefail
    if command -v update-ca-trust > /dev/null; then
      update="update-ca-trust extract"
      anchors=/etc/pki/ca-trust/source/anchors
      test -d "$anchors" || anchors=/etc/ca-certificates/trust-source/anchors
    else
      update=update-ca-certificates
      anchors=/etc/pki/trust/anchors
      test -d "$anchors" || anchors=/usr/local/share/ca-certificates
    fi

    new=$(mktemp --directory)
    trap 'rm -rf "$new"' EXIT
    files=0
    for file in "$@"; do
      files=$((files + 1))
      name=$(basename "$file")
      name=''${name#????????????????????????????????-}
      name=system-manager-$files-''${name%.*}
      awk -v stem="$new/$name" '
        /^-----BEGIN CERTIFICATE-----/ { inside = 1; name = stem "-" ++number ".crt" }
        inside { sub(/\r$/, ""); print > name }
        /^-----END CERTIFICATE-----/ { inside = 0; close(name) }
      ' "$file"
      ls "$new/$name"-*.crt > /dev/null 2>&1 || {
        echo "security.pki: there is no certificate in $file" >&2
        exit 1
      }
    done
    if command -v openssl > /dev/null; then
      for certificate in "$new"/*.crt; do
        test ! -e "$certificate" || openssl x509 -noout -in "$certificate" || {
          echo "security.pki: $(basename "$certificate") is not a certificate" >&2
          exit 1
        }
      done
    fi

    digests() { (cd "$1" 2> /dev/null && find . -maxdepth 1 -name "system-manager-*.crt" -exec sha256sum {} + | sort); }
    test "$(digests "$new")" != "$(digests "$anchors")" || exit 0
    mkdir -p "$anchors"
    if test -n "$(digests "$anchors")" && test "$update" = update-ca-certificates; then
      update="update-ca-certificates --fresh"
    fi
    rm -f "$anchors"/system-manager-*.crt
    find "$new" -name "*.crt" -exec install -m 0644 -t "$anchors" {} +
    $update
  '';
  install = "${script} ${lib.concatMapStringsSep " " (file: "${file}") files}";
in
{
  options.security.pki = {
    certificateFiles = mkOption {
      type = types.listOf types.path;
      default = [ ];
      example = lib.literalExpression "[ ./our-authority.pem ]";
      description = "Files with certificates (PEM) of authorities that are trusted.";
    };
    certificates = mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [ "-----BEGIN CERTIFICATE-----\nMIIC…\n-----END CERTIFICATE-----\n" ];
      description = "Certificates (PEM) of authorities that are trusted.";
    };
    caCertificateBlacklist = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Authorities of the distribution that are not trusted, which is left to it: ca-certificates.conf on Debian, a blocklist directory elsewhere.";
    };
  };

  config = lib.mkIf (files != [ ]) {
    assertions =
      map (file: {
        assertion = !isReadable file || isCertificate (builtins.readFile file);
        message = "security.pki.certificateFiles: there is no certificate (-----BEGIN CERTIFICATE-----) in ${toString file}.";
      }) cfg.certificateFiles
      ++ lib.imap1 (number: text: {
        assertion = isCertificate text;
        message = "security.pki.certificates: entry ${toString number} is not a certificate (-----BEGIN CERTIFICATE-----).";
      }) cfg.certificates;

    system-manager.preActivationChecks.certificates = {
      enable = !lib.any brings config.environment.systemPackages;
      script = ''
        PATH=$PATH:/usr/local/sbin:/usr/sbin
        command -v update-ca-trust update-ca-certificates > /dev/null || {
          echo "security.pki needs the distribution's authorities, which are not installed: environment.systemPackages = [ pkgs.cacert ]" >&2
          exit 1
        }
      '';
    };

    systemd.services.system-manager-certificates = {
      description = "Authorities that System Manager has this machine trust";
      wantedBy = [ "multi-user.target" ];
      requiredBy = [ "sysinit-reactivation.target" ];
      before = [ "sysinit-reactivation.target" ];
      after = [ "local-fs.target" ];
      enableDefaultPath = false;
      # Nobody is to miss what was and will be trusted.
      reloadIfChanged = true;
      # Without these it is not stopped together with the machine.
      unitConfig.DefaultDependencies = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = install;
        ExecReload = install;
        ExecStopPost = "${script}";
      };
    };
  };
}
