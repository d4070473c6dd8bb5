/** Licenses that packages and modules name in `meta.license`. */
{ lib }:

let
  license = spdxId: fullName: {
    inherit spdxId fullName;
    shortName = spdxId;
    free = true;
    redistributable = true;
    deprecated = false;
    url = "https://spdx.org/licenses/${spdxId}.html";
  };
  named = builtins.mapAttrs (shortName: entry: entry // { inherit shortName; });
in
named {
  agpl3Only = license "AGPL-3.0-only" "GNU Affero General Public License v3.0 only";
  agpl3Plus = license "AGPL-3.0-or-later" "GNU Affero General Public License v3.0 or later";
  asl20 = license "Apache-2.0" "Apache License 2.0";
  bsd2 = license "BSD-2-Clause" "BSD 2-clause License";
  bsd3 = license "BSD-3-Clause" "BSD 3-clause License";
  cc0 = license "CC0-1.0" "Creative Commons Zero v1.0 Universal";
  gpl2Only = license "GPL-2.0-only" "GNU General Public License v2.0 only";
  gpl2Plus = license "GPL-2.0-or-later" "GNU General Public License v2.0 or later";
  gpl3Only = license "GPL-3.0-only" "GNU General Public License v3.0 only";
  gpl3Plus = license "GPL-3.0-or-later" "GNU General Public License v3.0 or later";
  isc = license "ISC" "Internet Systems Consortium License";
  lgpl21Only = license "LGPL-2.1-only" "GNU Lesser General Public License v2.1 only";
  lgpl21Plus = license "LGPL-2.1-or-later" "GNU Lesser General Public License v2.1 or later";
  lgpl3Plus = license "LGPL-3.0-or-later" "GNU Lesser General Public License v3.0 or later";
  mit = license "MIT" "MIT License";
  mpl20 = license "MPL-2.0" "Mozilla Public License 2.0";
  unlicense = license "Unlicense" "The Unlicense";
  zlib = license "Zlib" "zlib License";
  publicDomain = {
    fullName = "Public Domain";
    free = true;
    redistributable = true;
    deprecated = false;
  };
  unfree = {
    fullName = "Unfree";
    free = false;
    redistributable = false;
    deprecated = false;
  };
}
