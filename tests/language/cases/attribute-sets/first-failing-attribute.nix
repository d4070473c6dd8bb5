{ zebra = throw "zebra"; addax = throw "addax"; }
