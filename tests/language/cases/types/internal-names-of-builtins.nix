[ (__add 1 2) (__head [ 7 ]) (__typeOf __length) (__attrNames { a = 1; }) ]
