map (a: builtins.hashFile a ../files/plain.txt) [ "md5" "sha1" "sha256" "sha512" ]
