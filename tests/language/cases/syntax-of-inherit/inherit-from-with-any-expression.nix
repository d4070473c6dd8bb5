{ inherit (if true then { a = 1; } else { }) a; inherit (rec { b = c; c = 2; }) b; inherit (let d = 3; in { inherit d; }) d; }
