from enum import Enum as Enum
from enum import IntEnum as IntEnum
