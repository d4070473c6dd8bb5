builtins.filterSource (p: t: "yes") ../files/tree
