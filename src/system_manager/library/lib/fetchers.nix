/** Hash arguments of fetchers, and hashes that stand in for one that is not known yet. */
{ lib }:

{
  fakeHash = "sha256-${lib.concatStrings (lib.replicate 43 "A")}=";
  fakeSha256 = lib.concatStrings (lib.replicate 64 "0");
  fakeSha512 = lib.concatStrings (lib.replicate 128 "0");

  proxyImpureEnvVars = [
    "http_proxy"
    "https_proxy"
    "ftp_proxy"
    "all_proxy"
    "no_proxy"
    "HTTP_PROXY"
    "HTTPS_PROXY"
    "FTP_PROXY"
    "ALL_PROXY"
    "NO_PROXY"
  ];
}
