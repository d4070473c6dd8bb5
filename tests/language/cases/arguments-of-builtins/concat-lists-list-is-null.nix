builtins.concatLists null
