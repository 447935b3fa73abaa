"""What all tables share.

Dates are stored as integers YYYYMMDD: 0 = unknown start, 99991231 = in force.
"""

from __future__ import annotations

from sqlalchemy import MetaData

VERSION = 2  # raised whenever a table changes: an edition of another version is rebuilt
IN_FORCE = 99991231
UNKNOWN = 0
SETTINGS = {"practitioner": 1, "facility": 2, "dme": 3}

metadata = MetaData()
