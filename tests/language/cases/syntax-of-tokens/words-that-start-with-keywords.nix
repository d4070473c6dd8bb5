let iff = 1; inn = 2; lets = 3; recx = 4; or1 = 5; then' = 6; in [ iff inn lets recx or1 then' ]
