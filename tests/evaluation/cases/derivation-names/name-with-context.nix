derivation { name = "${../files/script.sh}"; builder = "b"; system = "s"; } + ""
