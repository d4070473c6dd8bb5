let p = __curPos; in
  [ p __curPos ]
