builtins.scopedImport null /none
