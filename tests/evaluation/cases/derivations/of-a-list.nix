derivation [ ]
