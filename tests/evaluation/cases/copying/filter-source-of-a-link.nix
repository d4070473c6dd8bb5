builtins.filterSource (path: type: true) ../files/tree-link
