derivation { name = "a"; builder = "b"; system = "s"; outputHash = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="; outputHashMode = "git"; } + ""
