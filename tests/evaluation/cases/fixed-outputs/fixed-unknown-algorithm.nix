derivation { name = "a"; builder = "b"; system = "s"; outputHash = "0000"; outputHashAlgo = "crc32"; } + ""
