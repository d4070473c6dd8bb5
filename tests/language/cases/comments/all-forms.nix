# at the start
1 /* inside */ + # at the end
  /* over
     lines **/ 2 /**/ + /***/ 3 # last
