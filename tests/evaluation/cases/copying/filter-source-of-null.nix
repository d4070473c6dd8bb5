builtins.filterSource (p: t: true) null
