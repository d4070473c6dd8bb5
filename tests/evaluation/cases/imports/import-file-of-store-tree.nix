import (../files/package + "/default.nix")
