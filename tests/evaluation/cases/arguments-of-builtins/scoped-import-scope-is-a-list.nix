builtins.scopedImport [ ] /none
